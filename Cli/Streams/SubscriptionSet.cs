namespace ClawEvents.Cli.Streams;

/// <summary>The channels of one stream and which of them were refused. Used by one task at a time.</summary>
internal sealed class SubscriptionSet(IEnumerable<string> channels)
{
    private readonly List<string> _wanted = [.. channels.Distinct(StringComparer.Ordinal)];

    /// <summary>Channels to subscribe to after each connect, each once, in the order they were given.</summary>
    public IReadOnlyList<string> Wanted => _wanted;

    public bool Contains(string channel) => _wanted.Contains(channel);

    /// <summary>Takes a channel out for good.</summary>
    public void Remove(string channel) => _wanted.Remove(channel);
}
