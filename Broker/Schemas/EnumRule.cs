using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>enum</c> or <c>const</c>. A value is found in a set, so that many values cost no more than few.</summary>
internal sealed class EnumRule : SchemaRule
{
    private readonly FrozenSet<string> _values;
    private readonly string _message;

    private EnumRule(string expected, IReadOnlyCollection<JsonElement> values)
    {
        _values = values.Select(CanonicalJson.Of).ToFrozenSet(StringComparer.Ordinal);
        _message = SchemaLimits.Shorten(expected + string.Join(", ", values.Select(DisplayText)));
    }

    public static EnumRule? ReadEnum(JsonElement schema) =>
        schema.TryGetProperty("enum", out var values) && values.ValueKind is JsonValueKind.Array
            ? new EnumRule("Value must be one of: ", [.. values.EnumerateArray()])
            : null;

    public static EnumRule? ReadConst(JsonElement schema) =>
        schema.TryGetProperty("const", out var value) ? new EnumRule("Value must be ", [value]) : null;

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        if (evaluation.SpendOn(CanonicalJson.CostOf(value)) && !_values.Contains(CanonicalJson.Of(value)))
        {
            evaluation.Fail(_message);
        }
    }

    private static string DisplayText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value)).ToString(),
        _ => value.GetRawText(),
    };
}
