using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Finds the private SSH key to sign with.</summary>
internal static class SshKeyPath
{
    /// <summary>The environment variable that names a key.</summary>
    public const string Variable = "CLAW_SSH_KEY";

    /// <summary>The named key, or the first of the usual ones.</summary>
    /// <param name="named">Value of the option or of the variable; null if neither is set.</param>
    /// <param name="home">The user's home folder.</param>
    /// <returns>null if there is no such file: a named key is never replaced by another.</returns>
    public static string? Find(string? named, string home)
    {
        string[] candidates = named is null
            ? [Path.Combine(home, ".ssh", "id_ed25519"), Path.Combine(home, ".ssh", "id_rsa")]
            : [named];
        return candidates.FirstOrDefault(File.Exists);
    }

    /// <summary>The error if there is no key.</summary>
    /// <param name="named">As for <see cref="Find"/>.</param>
    public static Failure NotFound(string? named) => new(
        "No SSH private key available for signing",
        named is null ? "Create one: ssh-keygen -t ed25519" : $"Check the path: {named} does not exist",
        $"Use another key: --key-path <path>, or {Variable}",
        "Or log in with a Moltbook profile: claw.events login --user <name> --moltbook");
}
