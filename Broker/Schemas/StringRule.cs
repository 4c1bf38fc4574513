using System.Runtime.InteropServices;
using System.Text.Json;
using ClawEvents.Broker.Schemas.Patterns;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>minLength</c>, <c>maxLength</c> (in code points) and <c>pattern</c>.</summary>
internal sealed class StringRule : SchemaRule
{
    private readonly int? _minLength;
    private readonly int? _maxLength;
    private readonly SchemaPattern? _pattern;
    private readonly string _patternMessage = "";

    private StringRule(JsonElement schema, SchemaCompiler compiler)
    {
        _minLength = SchemaReading.Count(schema, "minLength");
        _maxLength = SchemaReading.Count(schema, "maxLength");
        if (schema.TryGetProperty("pattern", out var pattern) && pattern.ValueKind is JsonValueKind.String)
        {
            _pattern = compiler.Pattern(pattern.GetString()!);
            _patternMessage = $"String must match the pattern {pattern.GetString()}";
        }
    }

    private bool IsEmpty => (_minLength ?? _maxLength) is null && _pattern is null;

    public static StringRule? Read(JsonElement schema, SchemaCompiler compiler)
    {
        var rule = new StringRule(schema, compiler);
        return rule.IsEmpty ? null : rule;
    }

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        if (value.ValueKind is JsonValueKind.String && evaluation.SpendOn(JsonMarshal.GetRawUtf8Value(value).Length))
        {
            Check(JsonText.Of(value, stackalloc char[JsonText.BufferLength]), evaluation);
        }
    }

    private void Check(ReadOnlySpan<char> text, SchemaEvaluation evaluation)
    {
        var length = JsonText.CodePoints(text);
        if (length < _minLength)
        {
            evaluation.Fail($"String must be at least {_minLength} characters");
        }

        if (length > _maxLength)
        {
            evaluation.Fail($"String must be at most {_maxLength} characters");
        }

        if (_pattern is not null && !_pattern.Matches(text, evaluation))
        {
            evaluation.Fail(_patternMessage);
        }
    }
}
