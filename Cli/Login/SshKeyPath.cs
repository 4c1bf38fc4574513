using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Which private SSH key signs.</summary>
internal static class SshKeyPath
{
    /// <summary>The variable that names a key.</summary>
    public const string Variable = "CLAW_SSH_KEY";

    /// <summary>The named key, or the first of the usual ones.</summary>
    /// <param name="named">What an option or the variable says; null if neither does.</param>
    /// <param name="home">The user's home folder.</param>
    /// <returns>null if there is no such file: a named key is never replaced by another.</returns>
    public static string? Find(string? named, string home)
    {
        string[] candidates = named is null
            ? [Path.Combine(home, ".ssh", "id_ed25519"), Path.Combine(home, ".ssh", "id_rsa")]
            : [named];
        return candidates.FirstOrDefault(File.Exists);
    }

    /// <summary>What to say when there is none.</summary>
    /// <param name="named">As for <see cref="Find"/>.</param>
    public static Failure NotFound(string? named) => new(
        "No SSH private key available for signing",
        named is null ? "Make one: ssh-keygen -t ed25519" : $"Name a file that is there: {named} is not",
        $"Name another: --key-path <path>, or {Variable}",
        "With a Moltbook profile: claw.events login --user <name> --moltbook");
}
