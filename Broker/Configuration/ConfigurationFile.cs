using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads a configuration file of a Centrifugo, which is YAML (<c>.yaml</c>, <c>.yml</c>) or TOML (<c>.toml</c>) by its ending, and otherwise JSON: all as the same tree.</summary>
internal static class ConfigurationFile
{
    /// <summary>Of mappings and lists within one another, in each of the three.</summary>
    public const int MaxDepth = 64;

    /// <returns>JSON, perhaps with comments and commas too many.</returns>
    /// <exception cref="FormatException">It is not what its ending says; the message names the line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Stream Read(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".yaml" or ".yml" => Write(YamlTree.Read(File.ReadAllText(path))),
        ".toml" => Write(TomlTree.Read(File.ReadAllText(path))),
        _ => ReadJson(path),
    };

    private static MemoryStream Write(JsonObject tree) => new(Encoding.UTF8.GetBytes(tree.ToJsonString()));

    private static MemoryStream ReadJson(string path)
    {
        var bytes = File.ReadAllBytes(path);
        try
        {
            JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth }).Dispose();
        }
        catch (JsonException exception)
        {
            // The message ends with the place, counted from 0.
            var reason = exception.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new FormatException($"line {exception.LineNumber + 1}: it is not JSON ({reason}); a file of YAML ends in .yaml, one of TOML in .toml", exception);
        }

        return new MemoryStream(bytes);
    }
}
