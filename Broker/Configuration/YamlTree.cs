using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads one document of YAML as a tree of JSON, with anchors, aliases and merge keys.</summary>
/// <remarks>
/// <c>true</c>, <c>false</c> and <c>null</c> without quotes are the values of JSON; all other scalars are text, as settings are.
/// An alias is a copy, so the size of the tree is limited.
/// </remarks>
internal sealed class YamlTree
{
    /// <summary>Scalars, mappings and lists, counted for every alias again.</summary>
    public const int MaxNodes = 100_000;

    private const string MergeKey = "<<";

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
    private int _nodes;

    private YamlTree(string text) => _parser = new Parser(new StringReader(text));

    /// <exception cref="FormatException">It is invalid; the message names the line.</exception>
    public static JsonObject Read(string text)
    {
        var tree = new YamlTree(text);
        try
        {
            return tree.ReadStream();
        }
        catch (YamlException exception)
        {
            throw new FormatException($"line {exception.Start.Line}: invalid YAML ({exception.Message.TrimEnd('.')})", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The library throws this for some invalid YAML, shortly after the position that it has read last.
            throw new FormatException($"line {tree._parser.Current?.End.Line ?? 1}: invalid YAML after this line", exception);
        }
    }

    private JsonObject ReadStream()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out var start))
        {
            return [];
        }

        var root = ReadNode(depth: 1);
        _parser.Consume<DocumentEnd>();
        return _parser.Accept<DocumentStart>(out var next) ? throw Fault(next, "a second document begins here")
            : root is null ? []
            : root as JsonObject ?? throw Fault(start, "the document is not a mapping");
    }

    private JsonNode? ReadNode(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return ReadAlias(alias, depth);
        }

        var begin = _parser.Require<NodeEvent>();
        Count(begin, 1);
        JsonNode? node = _parser.TryConsume<Scalar>(out var scalar) ? ReadScalar(scalar)
            : depth > ConfigurationFile.MaxDepth ? throw TooDeep(begin)
            : _parser.TryConsume<SequenceStart>(out _) ? ReadList(depth)
            : ReadMapping(depth);
        if (!begin.Anchor.IsEmpty)
        {
            _anchors[begin.Anchor] = node;
        }

        return node;
    }

    private JsonNode? ReadAlias(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value, out var node))
        {
            throw Fault(alias, $"no anchor &{alias.Value} ends before it");
        }

        var (nodes, levels) = Measure(node);
        Count(alias, nodes);
        return depth - 1 + levels <= ConfigurationFile.MaxDepth ? node?.DeepClone() : throw TooDeep(alias);
    }

    private static JsonValue? ReadScalar(Scalar scalar) => scalar.Style is not ScalarStyle.Plain || !scalar.Tag.IsEmpty ? JsonValue.Create(scalar.Value)
        : scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            var text => JsonValue.Create(text),
        };

    private JsonArray ReadList(int depth)
    {
        var list = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            list.Add(ReadNode(depth + 1));
        }

        return list;
    }

    private JsonObject ReadMapping(int depth)
    {
        _parser.Consume<MappingStart>();
        var mapping = new JsonObject();
        var merged = new List<JsonObject>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                throw Fault(_parser.Current!, "a key must be text");
            }

            var node = ReadNode(depth + 1);
            if (key is { Value: MergeKey, Style: ScalarStyle.Plain })
            {
                merged.AddRange(MappingsOf(key, node));
            }
            else if (!mapping.TryAdd(key.Value, node))
            {
                throw Fault(key, $"duplicate key '{key.Value}'");
            }
        }

        Merge(mapping, merged);
        return mapping;
    }

    private static IEnumerable<JsonObject> MappingsOf(Scalar key, JsonNode? node) => node switch
    {
        JsonObject one => [one],
        JsonArray list when list.All(part => part is JsonObject) => list.Cast<JsonObject>(),
        _ => throw Fault(key, "<< can merge only a mapping or a list of mappings"),
    };

    // Keys of the mapping itself take precedence, then those of the mapping named first.
    private static void Merge(JsonObject mapping, List<JsonObject> merged)
    {
        foreach (var (key, node) in merged.SelectMany(other => other))
        {
            if (!mapping.ContainsKey(key))
            {
                mapping.Add(key, node?.DeepClone());
            }
        }
    }

    private void Count(ParsingEvent at, int nodes)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
        {
            throw Fault(at, $"more than {MaxNodes} values after all aliases are expanded");
        }
    }

    private static (int Nodes, int Levels) Measure(JsonNode? node)
    {
        IEnumerable<JsonNode?>? parts = node is JsonObject mapping ? mapping.Select(pair => pair.Value) : node as JsonArray;
        var (nodes, levels) = (1, 0);
        foreach (var part in parts?.Select(Measure) ?? [])
        {
            nodes += part.Nodes;
            levels = Math.Max(levels, part.Levels);
        }

        return (nodes, parts is null ? 0 : levels + 1);
    }

    private static FormatException TooDeep(ParsingEvent at) => Fault(at, $"mappings and lists are nested deeper than {ConfigurationFile.MaxDepth} levels");

    private static FormatException Fault(ParsingEvent at, string reason) => new($"line {at.Start.Line}: {reason}");
}
