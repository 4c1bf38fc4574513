using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads a configuration file of a Centrifugo, as YAML (<c>.yaml</c>, <c>.yml</c>), TOML (<c>.toml</c>) or otherwise JSON, and returns the same tree for all three.</summary>
internal static class ConfigurationFile
{
    /// <summary>Nesting depth of mappings and lists, in all three formats.</summary>
    public const int MaxDepth = 64;

    /// <returns>JSON, possibly with comments and trailing commas.</returns>
    /// <exception cref="FormatException">It is not in the format of its extension; the message names the line.</exception>
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
            // The message ends with the position, counted from 0.
            var reason = exception.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new FormatException($"line {exception.LineNumber + 1}: invalid JSON ({reason}); YAML files end in .yaml, TOML files in .toml", exception);
        }

        return new MemoryStream(bytes);
    }
}
