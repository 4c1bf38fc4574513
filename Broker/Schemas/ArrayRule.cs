using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>items</c>, <c>additionalItems</c>, <c>contains</c>, <c>minItems</c>, <c>maxItems</c> and <c>uniqueItems</c>.</summary>
internal sealed class ArrayRule : SchemaRule
{
    /// <summary>The schemas of the first items: <c>items</c> as an array.</summary>
    private readonly SchemaNode[] _first = [];

    /// <summary>The schema of all other items.</summary>
    private readonly SchemaNode? _rest;
    private readonly SchemaNode? _contains;
    private readonly int? _minItems;
    private readonly int? _maxItems;
    private readonly bool _unique;

    private ArrayRule(JsonElement schema, SchemaCompiler compiler)
    {
        if (schema.TryGetProperty("items", out var items) && items.ValueKind is JsonValueKind.Array)
        {
            _first = [.. items.EnumerateArray().Select(compiler.Child)];
            _rest = compiler.Child(schema, "additionalItems");
        }
        else
        {
            _rest = compiler.Child(schema, "items");
        }

        _contains = compiler.Child(schema, "contains");
        _minItems = SchemaReading.Count(schema, "minItems");
        _maxItems = SchemaReading.Count(schema, "maxItems");
        _unique = schema.TryGetProperty("uniqueItems", out var unique) && unique.ValueKind is JsonValueKind.True;
    }

    private bool IsEmpty => _first.Length == 0 && (_rest ?? _contains) is null && (_minItems ?? _maxItems) is null && !_unique;

    public static ArrayRule? Read(JsonElement schema, SchemaCompiler compiler)
    {
        var rule = new ArrayRule(schema, compiler);
        return rule.IsEmpty ? null : rule;
    }

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return;
        }

        CheckLength(value.GetArrayLength(), evaluation);
        if (_first.Length > 0 || _rest is not null)
        {
            CheckItems(value, evaluation);
        }

        if (_contains is not null && !HasMatch(value, _contains, evaluation))
        {
            evaluation.Fail("Array must contain an item that matches the schema of contains");
        }

        if (_unique && !IsUnique(value, evaluation))
        {
            evaluation.Fail("Array items must be unique");
        }
    }

    private void CheckLength(int length, SchemaEvaluation evaluation)
    {
        if (length < _minItems)
        {
            evaluation.Fail($"Array must have at least {_minItems} items");
        }

        if (length > _maxItems)
        {
            evaluation.Fail($"Array must have at most {_maxItems} items");
        }
    }

    private void CheckItems(JsonElement value, SchemaEvaluation evaluation)
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var node = index < _first.Length ? _first[index] : _rest;
            if (node is null || evaluation.IsOver)
            {
                return;
            }

            evaluation.CheckItem(node, item, index++);
        }
    }

    private static bool HasMatch(JsonElement value, SchemaNode node, SchemaEvaluation evaluation)
    {
        foreach (var item in value.EnumerateArray())
        {
            if (evaluation.Fits(node, item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsUnique(JsonElement value, SchemaEvaluation evaluation)
    {
        if (!evaluation.SpendOn(8 * JsonMarshal.GetRawUtf8Value(value).Length))
        {
            return true;
        }

        var met = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateArray())
        {
            if (!met.Add(CanonicalJson.Of(item)))
            {
                return false;
            }
        }

        return true;
    }
}
