using System.Text.Json;
using ClawEvents.Broker.Schemas.Patterns;

namespace ClawEvents.Broker.Schemas;

/// <summary>Compiles a schema document to nodes with a queue instead of recursion: a deep document does not grow the stack.</summary>
internal sealed class SchemaCompiler
{
    private readonly Queue<(SchemaNode Node, JsonElement Schema, Uri Base)> _waiting = [];
    private readonly Dictionary<string, SchemaNode> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaPattern> _patterns = new(StringComparer.Ordinal);
    private readonly SchemaDocument _document;
    private Uri _base = SchemaDocument.Root;
    private string? _fault;
    private int _nodes;
    private int _patternSteps;

    private SchemaCompiler(JsonElement root) => _document = new SchemaDocument(root);

    /// <param name="root">An object or a boolean.</param>
    /// <returns>The compiled schema, or the reason that it cannot be used. It no longer needs the document.</returns>
    public static (SchemaNode? Node, string? Fault) Compile(JsonElement root)
    {
        var compiler = new SchemaCompiler(root);
        var node = compiler.Child(root);
        while (compiler._fault is null && compiler._waiting.TryDequeue(out var next))
        {
            compiler._base = SchemaDocument.BaseWithin(next.Schema, next.Base);
            next.Node.Rules = compiler.RulesOf(next.Schema);
        }

        return compiler._fault is null ? (node, null) : (null, compiler._fault);
    }

    /// <summary>Reports that the schema cannot be used. The first fault counts.</summary>
    /// <param name="fault">Continues after "The advertised schema cannot be used: ".</param>
    public void Fail(string fault) => _fault ??= fault;

    /// <summary>A subschema with the same base URI as the current schema. A value that is not a schema allows everything.</summary>
    public SchemaNode Child(JsonElement schema) => Enqueue(schema, _base);

    /// <returns>Null if the keyword is missing or not a schema.</returns>
    public SchemaNode? Child(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var child) && SchemaReading.IsSchema(child) ? Child(child) : null;

    /// <returns>Null if it cannot be used; then the schema cannot be used either.</returns>
    public SchemaPattern? Pattern(string text)
    {
        if (_patterns.TryGetValue(text, out var known))
        {
            return known;
        }

        var (pattern, fault) = SchemaPattern.Create(text);
        _patternSteps += pattern?.StepCount ?? 0;
        if (pattern is null)
        {
            Fail($"pattern \"{text}\": {fault}");
            return null;
        }

        if (_patternSteps > SchemaLimits.MaxSchemaPatternSteps)
        {
            Fail($"its patterns need more than {SchemaLimits.MaxSchemaPatternSteps} steps");
        }

        return _patterns[text] = pattern;
    }

    private SchemaNode Enqueue(JsonElement schema, Uri within)
    {
        if (++_nodes > SchemaLimits.MaxSubschemas)
        {
            Fail($"it has more than {SchemaLimits.MaxSubschemas} subschemas");
        }

        var node = new SchemaNode();
        _waiting.Enqueue((node, schema, within));
        return node;
    }

    private SchemaRule[] RulesOf(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.False => [FalseRule.Instance],
        JsonValueKind.Object when ReadReference(schema) is { } reference => [reference],
        JsonValueKind.Object => [.. KeywordsOf(schema).OfType<SchemaRule>()],
        _ => [],
    };

    /// <summary>In the order of their errors.</summary>
    private IEnumerable<SchemaRule?> KeywordsOf(JsonElement schema) =>
    [
        TypeRule.Read(schema),
        ObjectRule.Read(schema, this),
        ArrayRule.Read(schema, this),
        EnumRule.ReadEnum(schema),
        EnumRule.ReadConst(schema),
        NumberRule.Read(schema, this),
        StringRule.Read(schema, this),
        CombinationRule.Read(schema, this),
    ];

    /// <summary>In Draft 7, other keywords next to a <c>$ref</c> are ignored.</summary>
    private ReferenceRule? ReadReference(JsonElement schema)
    {
        if (!schema.TryGetProperty("$ref", out var reference) || reference.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        var text = reference.GetString()!;
        if (_document.Find(text, _base) is not { } place)
        {
            Fail($"$ref \"{text}\" leads to nothing in this schema, and other documents are not read");
            return null;
        }

        if (!_targets.TryGetValue(place.Key, out var target))
        {
            _targets[place.Key] = target = Enqueue(place.Schema, place.Base);
        }

        return new ReferenceRule(target);
    }
}
