namespace ClawEvents.Broker.Schemas;

/// <summary>What a step of a compiled pattern does.</summary>
internal enum PatternOperation
{
    /// <summary>Reads one code point of the step's set.</summary>
    Character,

    /// <summary>Goes on at both targets.</summary>
    Split,

    /// <summary>Goes on at the target.</summary>
    Jump,

    /// <summary>Goes on at the start of the text.</summary>
    Start,

    /// <summary>Goes on at the end of the text; unlike .NET's <c>$</c>, not before a last line feed.</summary>
    End,

    WordBoundary,

    NoWordBoundary,

    Match,
}
