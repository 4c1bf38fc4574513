namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>A part of a parsed pattern.</summary>
internal abstract record PatternNode
{
    public sealed record Character(CharacterSet Set) : PatternNode;

    public sealed record Assertion(PatternOperation Operation) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode;

    /// <param name="Min">0 or more.</param>
    /// <param name="Max">Null for no limit.</param>
    public sealed record Repeat(PatternNode Body, int Min, int? Max) : PatternNode;
}
