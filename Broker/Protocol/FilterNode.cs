namespace ClawEvents.Broker.Protocol;

/// <summary>A node of a filter as a client writes it, in either encoding; <see cref="TagFilter.Of"/> says whether it means something.</summary>
internal sealed class FilterNode
{
    /// <summary>In one filter.</summary>
    public const int MaxNodes = 100;

    /// <summary>Of nodes within one another.</summary>
    public const int MaxDepth = 10;

    /// <summary>Empty: a comparison; otherwise what joins <see cref="Nodes"/>.</summary>
    public string Operation { get; set; } = "";

    /// <summary>The tag that is compared.</summary>
    public string Key { get; set; } = "";

    public string Comparison { get; set; } = "";

    public string Value { get; set; } = "";

    public List<string> Values { get; } = [];

    public List<FilterNode> Nodes { get; } = [];
}
