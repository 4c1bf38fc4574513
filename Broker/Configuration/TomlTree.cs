using System.Globalization;
using System.Text.Json.Nodes;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;
using Tomlyn.Serialization;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads TOML as a tree of JSON. Pure.</summary>
internal static class TomlTree
{
    private static readonly TomlSerializerOptions Options = new() { MaxDepth = ConfigurationFile.MaxDepth };

    /// <exception cref="FormatException">It is invalid; the message names the line.</exception>
    public static JsonObject Read(string text)
    {
        try
        {
            // The deserializer alone would accept duplicate keys.
            SyntaxParser.ParseStrict(text, Options, sourceName: null, validate: true);
            return ToObject(TomlSerializer.Deserialize(text, TomlTableContext.Default.TomlTable) ?? []);
        }
        catch (TomlException exception)
        {
            // (2,1) : error : reason
            var reason = exception.Message.Split('\n')[0].Split(" : error : ")[^1].TrimEnd('.');
            throw new FormatException($"line {exception.Line ?? 1}: invalid TOML ({reason})", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // A lone surrogate in an escape, which the library does not check.
            throw new FormatException($"invalid TOML ({exception.Message.TrimEnd('.')})", exception);
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

// Generated code instead of reflection, which a native broker does not have.
[TomlSerializable(typeof(TomlTable))]
internal sealed partial class TomlTableContext : TomlSerializerContext;
