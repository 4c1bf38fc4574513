using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>minimum</c>, <c>maximum</c>, their exclusive forms and <c>multipleOf</c>, all without rounding.</summary>
internal sealed class NumberRule : SchemaRule
{
    private readonly ExactNumber? _minimum;
    private readonly ExactNumber? _maximum;
    private readonly ExactNumber? _above;
    private readonly ExactNumber? _below;
    private readonly ExactNumber? _divisor;

    private NumberRule(JsonElement schema, ExactNumber? divisor)
    {
        _minimum = SchemaReading.Number(schema, "minimum");
        _maximum = SchemaReading.Number(schema, "maximum");
        _above = SchemaReading.Number(schema, "exclusiveMinimum");
        _below = SchemaReading.Number(schema, "exclusiveMaximum");
        _divisor = divisor;
    }

    private bool IsEmpty => (_minimum ?? _maximum ?? _above ?? _below ?? _divisor) is null;

    public static NumberRule? Read(JsonElement schema, SchemaCompiler compiler)
    {
        var divisor = SchemaReading.Number(schema, "multipleOf");
        if (divisor?.DigitCount > SchemaLimits.MaxDivisorDigits)
        {
            compiler.Fail($"its multipleOf has more than {SchemaLimits.MaxDivisorDigits} digits");
        }

        var rule = new NumberRule(schema, divisor is { IsPositive: true } ? divisor : null);
        return rule.IsEmpty ? null : rule;
    }

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        if (value.ValueKind is not JsonValueKind.Number)
        {
            return;
        }

        var json = JsonMarshal.GetRawUtf8Value(value);
        if (evaluation.SpendOn(4 * json.Length))
        {
            Check(ExactNumber.Parse(json), evaluation);
        }
    }

    private void Check(ExactNumber number, SchemaEvaluation evaluation)
    {
        Require(_minimum is not { } minimum || number.CompareTo(minimum) >= 0, "Value must be >= ", _minimum, evaluation);
        Require(_maximum is not { } maximum || number.CompareTo(maximum) <= 0, "Value must be <= ", _maximum, evaluation);
        Require(_above is not { } above || number.CompareTo(above) > 0, "Value must be > ", _above, evaluation);
        Require(_below is not { } below || number.CompareTo(below) < 0, "Value must be < ", _below, evaluation);
        Require(_divisor is not { } divisor || number.IsMultipleOf(divisor), "Value must be a multiple of ", _divisor, evaluation);
    }

    private static void Require(bool holds, string message, ExactNumber? limit, SchemaEvaluation evaluation)
    {
        if (!holds)
        {
            evaluation.Fail(message + limit);
        }
    }
}
