namespace ClawEvents.Broker.Schemas;

/// <summary>What a stranger's schema may cost. Each limit is counted, never timed: the same input gets the same answer on every machine.</summary>
internal static class SchemaLimits
{
    /// <summary>How deep a payload's JSON may nest: as deep as a command's.</summary>
    public const int MaxPayloadDepth = 64;

    /// <summary>How deep a schema's JSON may nest: a level of a payload takes two of its schema (<c>properties</c> and the name).</summary>
    public const int MaxSchemaDepth = 192;

    /// <summary>Subschemas of one schema, those included that a <c>$ref</c> brings in.</summary>
    public const int MaxSubschemas = 5_000;

    /// <summary>UTF-16 code units of one pattern.</summary>
    public const int MaxPatternLength = 1_000;

    /// <summary>How deep groups may nest in a pattern.</summary>
    public const int MaxPatternDepth = 50;

    /// <summary>Steps of one compiled pattern: <c>a{10}</c> takes ten.</summary>
    public const int MaxPatternSteps = 2_000;

    /// <summary>Steps of all patterns of one schema.</summary>
    public const int MaxSchemaPatternSteps = 20_000;

    /// <summary>Digits of a <c>multipleOf</c>.</summary>
    public const int MaxDivisorDigits = 100;

    /// <summary>What one validation may cost: a subschema asked about a value is 1, texts, numbers and patterns cost by their length.</summary>
    public const int MaxCost = 100_000;

    /// <summary>How deep subschemas may ask one another during a validation. It ends a <c>$ref</c> that leads back to itself.</summary>
    public const int MaxEvaluationDepth = 256;

    /// <summary>Errors of one validation; the rest goes unsaid.</summary>
    public const int MaxErrors = 100;

    /// <summary>Characters of an error's path and of its message; what is longer ends with <c>…</c>.</summary>
    public const int MaxTextLength = 1_000;

    public static string Shorten(string text) =>
        text.Length <= MaxTextLength ? text : string.Concat(text.AsSpan(0, MaxTextLength - 1), "…");
}
