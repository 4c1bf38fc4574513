using System.Runtime.InteropServices;
using System.Text.Json;
using ClawEvents.Broker.Schemas.Patterns;

namespace ClawEvents.Broker.Schemas;

/// <summary>The keywords that apply to each field of an object: <c>properties</c>, <c>patternProperties</c>, <c>additionalProperties</c>, <c>propertyNames</c>.</summary>
internal sealed class FieldRule
{
    // In visits, and in bytes.
    private const int DocumentCost = 8;
    private const int LookUpCost = 8;

    private readonly Dictionary<string, SchemaNode> _properties = new(StringComparer.Ordinal);
    private readonly (SchemaPattern? Pattern, SchemaNode Node)[] _patterns;
    private readonly SchemaNode? _additional;
    private readonly SchemaNode? _names;

    /// <summary>Whether <c>additionalProperties</c> is <c>false</c>: then the error names the field.</summary>
    private readonly bool _isClosed;

    private FieldRule(JsonElement schema, SchemaCompiler compiler)
    {
        foreach (var field in SchemaReading.Fields(schema, "properties"))
        {
            _properties[field.Name] = compiler.Child(field.Value);
        }

        _patterns = [.. SchemaReading.Fields(schema, "patternProperties").Select(field => (compiler.Pattern(field.Name), compiler.Child(field.Value)))];
        _additional = compiler.Child(schema, "additionalProperties");
        _isClosed = schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind is JsonValueKind.False;
        _names = compiler.Child(schema, "propertyNames");
    }

    private bool IsEmpty => _properties.Count + _patterns.Length == 0 && (_additional ?? _names) is null;

    public static FieldRule? Read(JsonElement schema, SchemaCompiler compiler)
    {
        var rule = new FieldRule(schema, compiler);
        return rule.IsEmpty ? null : rule;
    }

    /// <param name="value">An object.</param>
    /// <param name="evaluation">Receives the errors.</param>
    public void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (evaluation.IsOver || !evaluation.SpendOn(LookUpCost + JsonMarshal.GetRawUtf8PropertyName(property).Length))
            {
                return;
            }

            CheckField(property, evaluation);
        }
    }

    private void CheckField(JsonProperty property, SchemaEvaluation evaluation)
    {
        if (_names is not null && !NameFits(_names, property, evaluation))
        {
            evaluation.Fail($"Invalid field name: {property.Name}");
        }

        var isKnown = CheckProperty(property, evaluation) | CheckPatterns(property, evaluation);
        if (!isKnown && _isClosed)
        {
            evaluation.Fail($"Unexpected field: {property.Name}");
        }
        else if (!isKnown && _additional is not null)
        {
            evaluation.CheckProperty(_additional, property);
        }
    }

    private bool CheckProperty(JsonProperty property, SchemaEvaluation evaluation)
    {
        if (Find(property) is not { } node)
        {
            return false;
        }

        evaluation.CheckProperty(node, property);
        return true;
    }

    private bool CheckPatterns(JsonProperty property, SchemaEvaluation evaluation)
    {
        var isKnown = false;
        foreach (var (pattern, node) in _patterns)
        {
            if (Matches(pattern, property, evaluation))
            {
                isKnown = true;
                evaluation.CheckProperty(node, property);
            }
        }

        return isKnown;
    }

    // The two methods below are separate so that their buffers are off the stack while a field's own schema is checked.
    private SchemaNode? Find(JsonProperty property) =>
        _properties.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(JsonText.Of(property, stackalloc char[JsonText.BufferLength]), out var node) ? node : null;

    private static bool Matches(SchemaPattern? pattern, JsonProperty property, SchemaEvaluation evaluation) =>
        pattern?.Matches(JsonText.Of(property, stackalloc char[JsonText.BufferLength]), evaluation) is true;

    private static bool NameFits(SchemaNode node, JsonProperty property, SchemaEvaluation evaluation)
    {
        // A document for each name.
        if (!evaluation.Spend(DocumentCost))
        {
            return true;
        }

        byte[] json = [(byte)'"', .. JsonMarshal.GetRawUtf8PropertyName(property), (byte)'"'];
        using var name = JsonDocument.Parse(json);
        return evaluation.Fits(node, name.RootElement);
    }
}
