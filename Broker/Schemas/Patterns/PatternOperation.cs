namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>The operation of a step of a compiled pattern.</summary>
internal enum PatternOperation
{
    /// <summary>Reads one code point of the step's set.</summary>
    Character,

    /// <summary>Continues at both targets.</summary>
    Split,

    /// <summary>Continues at the target.</summary>
    Jump,

    /// <summary>Continues at the start of the text only.</summary>
    Start,

    /// <summary>Continues at the end of the text only; unlike .NET's <c>$</c>, not before a final line feed.</summary>
    End,

    WordBoundary,

    NoWordBoundary,

    Match,
}
