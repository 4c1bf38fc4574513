using System.IO.Compression;
using System.Reflection;

namespace ClawEvents.Broker.Web;

/// <summary>The files that the build has compressed into the program: <c>Pack/PackPages.cs</c>.</summary>
/// <remarks>They are read where the program's file is mapped, so one that nobody asks for takes no memory. Thread-safe.</remarks>
internal static class PackedFiles
{
    /// <summary>The ending of what is compressed with Brotli: every file.</summary>
    public const string Brotli = ".br";

    /// <summary>The ending of what is compressed with gzip: files that browsers get as they are. They take Brotli over TLS and from localhost only.</summary>
    public const string GZip = ".gz";

    private static readonly Assembly Program = typeof(PackedFiles).Assembly;

    /// <param name="name">With its ending.</param>
    /// <returns>Null: there is no such file.</returns>
    public static Stream? OpenPacked(string name) => Program.GetManifestResourceStream(name);

    /// <returns>The content; null: there is no such file.</returns>
    public static Stream? Open(string name) => OpenPacked(name + Brotli) is { } packed ? new BrotliStream(packed, CompressionMode.Decompress) : null;

    /// <inheritdoc cref="Open"/>
    public static string? ReadText(string name)
    {
        if (Open(name) is not { } content)
        {
            return null;
        }

        using var reader = new StreamReader(content);
        return reader.ReadToEnd();
    }

    /// <summary>The names of all files in a folder, without the folder and the ending.</summary>
    public static IEnumerable<string> NamesIn(string folder) =>
        from name in Program.GetManifestResourceNames()
        where name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(Brotli, StringComparison.Ordinal)
        select name[folder.Length..^Brotli.Length];
}
