using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>type</c>: one name or several. A name unknown to JSON Schema matches nothing.</summary>
internal sealed class TypeRule : SchemaRule
{
    private readonly string[] _types;
    private readonly string _expected;

    private TypeRule(string[] types)
    {
        _types = types;
        _expected = types is ["integer"] or ["number"] ? $"Expected {types[0]}, got " : $"Expected type {string.Join(" or ", types)}, got ";
    }

    public static TypeRule? Read(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        var names = SchemaReading.Strings(type.ValueKind is JsonValueKind.Array ? type : default);
        return type.ValueKind is JsonValueKind.String ? new TypeRule([type.GetString()!])
            : names.Length > 0 ? new TypeRule(names)
            : null;
    }

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        evaluation.Spend(_types.Length / 8);
        foreach (var type in _types)
        {
            if (Fits(value, type, evaluation))
            {
                return;
            }
        }

        evaluation.Fail(_expected + NameOf(value));
    }

    private static bool Fits(JsonElement value, string type, SchemaEvaluation evaluation) =>
        type is "integer" ? IsInteger(value, evaluation) : type == NameOf(value);

    private static bool IsInteger(JsonElement value, SchemaEvaluation evaluation)
    {
        if (value.ValueKind is not JsonValueKind.Number)
        {
            return false;
        }

        var json = JsonMarshal.GetRawUtf8Value(value);
        return json.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0
            || (evaluation.SpendOn(json.Length) && ExactNumber.Parse(json).IsInteger);
    }

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}
