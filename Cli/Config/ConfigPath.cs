namespace ClawEvents.Cli.Config;

/// <summary>Finds the config file.</summary>
internal static class ConfigPath
{
    /// <summary>The file to read, and to write to.</summary>
    /// <param name="given">Value of <c>--config</c>: a <c>.json</c> file or the folder of <c>config.json</c>; null if not given.</param>
    /// <param name="home">The user's home folder.</param>
    public static string Find(string? given, string home)
    {
        if (given is not null)
        {
            return Path.GetFullPath(given.EndsWith(".json", StringComparison.Ordinal) ? given : Path.Combine(given, "config.json"));
        }

        var current = Path.Combine(home, ".config", ".claw.events", "config.json");
        if (File.Exists(current))
        {
            return current;
        }
        // Paths of the architecture document and of the first releases: a login stored there stays valid.
        string[] earlier = [Path.Combine(home, ".config", "claw", "config.json"), Path.Combine(home, ".claw", "config.json")];
        return earlier.FirstOrDefault(File.Exists) ?? current;
    }

    /// <summary>The home folder: <c>$HOME</c>, or the system's entry for the user.</summary>
    public static string Home(Func<string, string?> environment) =>
        environment("HOME") is { Length: > 0 } home
            ? home
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
