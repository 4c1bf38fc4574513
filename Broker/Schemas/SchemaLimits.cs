namespace ClawEvents.Broker.Schemas;

/// <summary>Limits for schemas of strangers. Each limit is counted, not timed: the same input gets the same answer on every machine.</summary>
internal static class SchemaLimits
{
    /// <summary>Nesting depth of a payload's JSON, the same as for commands.</summary>
    public const int MaxPayloadDepth = 64;

    /// <summary>Nesting depth of a schema's JSON: one level of a payload needs two of its schema (<c>properties</c> and the name).</summary>
    public const int MaxSchemaDepth = 192;

    /// <summary>Subschemas of one schema, including those added by a <c>$ref</c>.</summary>
    public const int MaxSubschemas = 5_000;

    /// <summary>UTF-16 code units of one pattern.</summary>
    public const int MaxPatternLength = 1_000;

    /// <summary>Nesting depth of the groups of a pattern.</summary>
    public const int MaxPatternDepth = 50;

    /// <summary>Steps of one compiled pattern: <c>a{10}</c> needs ten.</summary>
    public const int MaxPatternSteps = 2_000;

    /// <summary>Steps of all patterns of one schema.</summary>
    public const int MaxSchemaPatternSteps = 20_000;

    /// <summary>Digits of a <c>multipleOf</c>.</summary>
    public const int MaxDivisorDigits = 100;

    /// <summary>Cost of one validation: 1 per subschema and value; texts, numbers and patterns cost by length. About 2 ms (SchemaCostTests).</summary>
    public const int MaxCost = 12_000;

    /// <summary>Nesting depth of subschemas during a validation. It ends a <c>$ref</c> that leads back to itself.</summary>
    public const int MaxEvaluationDepth = 256;

    /// <summary>Errors reported by one validation.</summary>
    public const int MaxErrors = 100;

    /// <summary>Characters of an error's path and of its message; longer texts are cut and end with <c>…</c>.</summary>
    public const int MaxTextLength = 1_000;

    public static string Shorten(string text) =>
        text.Length <= MaxTextLength ? text : string.Concat(text.AsSpan(0, MaxTextLength - 1), "…");
}
