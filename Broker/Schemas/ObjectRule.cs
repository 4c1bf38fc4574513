using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>
/// <c>required</c>, <c>dependencies</c>, <c>minProperties</c>, <c>maxProperties</c>, and, for each field, <c>properties</c>,
/// <c>patternProperties</c>, <c>additionalProperties</c> and <c>propertyNames</c>.
/// </summary>
/// <remarks>If a payload has a field twice, both are checked.</remarks>
internal sealed class ObjectRule : SchemaRule
{
    private const int MarksOnStack = 128;

    private readonly FieldNames _names = new();
    private readonly FieldRule? _fields;
    private readonly (int Name, string Message)[] _required;
    private readonly Dependency[] _dependencies;
    private readonly int? _minProperties;
    private readonly int? _maxProperties;

    private ObjectRule(JsonElement schema, SchemaCompiler compiler)
    {
        _fields = FieldRule.Read(schema, compiler);
        _required = schema.TryGetProperty("required", out var required)
            ? [.. SchemaReading.Strings(required).Select(name => (_names.Add(name), $"Missing required field: {name}"))]
            : [];
        _dependencies = [.. SchemaReading.Fields(schema, "dependencies").Select(field => Dependency.Read(field, _names, compiler))];
        _minProperties = SchemaReading.Count(schema, "minProperties");
        _maxProperties = SchemaReading.Count(schema, "maxProperties");
    }

    private bool IsEmpty => _names.Count == 0 && _fields is null && (_minProperties ?? _maxProperties) is null;

    public static ObjectRule? Read(JsonElement schema, SchemaCompiler compiler)
    {
        var rule = new ObjectRule(schema, compiler);
        return rule.IsEmpty ? null : rule;
    }

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        CheckCount(value.GetPropertyCount(), evaluation);
        if (_names.Count > 0)
        {
            CheckPresence(value, evaluation);
        }

        _fields?.Check(value, evaluation);
    }

    private void CheckCount(int count, SchemaEvaluation evaluation)
    {
        if (count < _minProperties)
        {
            evaluation.Fail($"Object must have at least {_minProperties} fields");
        }

        if (count > _maxProperties)
        {
            evaluation.Fail($"Object must have at most {_maxProperties} fields");
        }
    }

    private void CheckPresence(JsonElement value, SchemaEvaluation evaluation)
    {
        if (!evaluation.SpendOn(_names.Count))
        {
            return;
        }

        var marks = _names.Count <= MarksOnStack ? stackalloc bool[_names.Count] : new bool[_names.Count];
        _names.Mark(value, marks, evaluation);
        foreach (var (name, message) in _required)
        {
            if (!marks[name])
            {
                evaluation.Fail(message);
            }
        }

        foreach (var dependency in _dependencies)
        {
            dependency.Check(value, marks, evaluation);
        }
    }
}
