using System.Globalization;
using System.Text.Json.Nodes;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads TOML as a tree of JSON. Pure.</summary>
internal static class TomlTree
{
    private static readonly TomlSerializerOptions Options = new() { MaxDepth = ConfigurationFile.MaxDepth };

    /// <exception cref="FormatException">It is none; the message names the line.</exception>
    public static JsonObject Read(string text)
    {
        try
        {
            // The deserializer alone lets the last of two equal keys win.
            SyntaxParser.ParseStrict(text, Options, sourceName: null, validate: true);
            return ToObject(TomlSerializer.Deserialize<TomlTable>(text, Options) ?? []);
        }
        catch (TomlException exception)
        {
            // (2,1) : error : what is wrong
            var reason = exception.Message.Split('\n')[0].Split(" : error : ")[^1].TrimEnd('.');
            throw new FormatException($"line {exception.Line ?? 1}: it is not TOML that can be read ({reason})", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // Half a surrogate pair in an escape, which the library does not look for.
            throw new FormatException($"it is not TOML that can be read ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    private static JsonObject ToObject(TomlTable table)
    {
        var node = new JsonObject();
        foreach (var (key, value) in table)
        {
            node.Add(key, ToNode(value));
        }

        return node;
    }

    private static JsonNode? ToNode(object? value) => value switch
    {
        TomlTable table => ToObject(table),
        TomlTableArray tables => new JsonArray([.. tables.Select(ToObject)]),
        TomlArray list => new JsonArray([.. list.Select(ToNode)]),
        bool flag => JsonValue.Create(flag),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };
}
