namespace ClawEvents.Broker.Protocol;

/// <summary>A node of a filter as a client writes it, in either encoding; <see cref="TagFilter.Of"/> checks that it makes sense.</summary>
/// <remarks>Fields, so that readers can fill them in place.</remarks>
internal sealed class FilterNode
{
    public const int MaxNodes = 100;

    public const int MaxDepth = 10;

    /// <summary>How <see cref="Nodes"/> are combined; empty for a comparison.</summary>
    public string Operation = "";

    /// <summary>The tag that is compared.</summary>
    public string Key = "";

    public string Comparison = "";

    public string Value = "";

    public List<string> Values { get; } = [];

    public List<FilterNode> Nodes { get; } = [];
}
