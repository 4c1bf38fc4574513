namespace ClawEvents.Cli.Config;

/// <summary>Config files with names, in a folder beside the config file: a server and a login each.</summary>
/// <param name="configFile">The config file; it is the context <see cref="Default"/> itself, and names the one in use.</param>
internal sealed class ContextFiles(string configFile)
{
    /// <summary>The name of the config file itself.</summary>
    public const string Default = "default";

    private const int LongestName = 64;

    private readonly string _folder = Path.Combine(Path.GetDirectoryName(configFile)!, "contexts");

    /// <summary>Whether a file can have the name: letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');

    /// <summary>The file of a context, whether it is there or not.</summary>
    /// <param name="name">One that <see cref="IsName"/> allows.</param>
    public string PathOf(string name) => name == Default ? configFile : Path.Combine(_folder, $"{name}.json");

    public bool Exists(string name) => IsName(name) && (name == Default || File.Exists(PathOf(name)));

    /// <summary>All names in alphabetical order, after the default.</summary>
    public IReadOnlyList<string> Names()
    {
        var found = Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, "*.json") : [];
        return [Default, .. found.Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => name != Default && IsName(name)).Order(StringComparer.Ordinal)];
    }
}
