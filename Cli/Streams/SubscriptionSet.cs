namespace ClawEvents.Cli.Streams;

/// <summary>The channels of one stream and which of them were refused. Used by one task at a time.</summary>
internal sealed class SubscriptionSet(IEnumerable<string> channels)
{
    private readonly List<Subscription> _wanted = [.. channels.Distinct(StringComparer.Ordinal).Select(channel => new Subscription(channel))];

    /// <summary>What to subscribe to after each connect, each channel once, in the order they were given.</summary>
    public IReadOnlyList<Subscription> Wanted => _wanted;

    /// <summary>The subscription to a channel, by its name as a JSON string with quotes; null if it is none of ours.</summary>
    /// <remarks>Hot path, once per publication. A server takes about a hundred subscriptions of one connection: looking through
    /// them costs less than a hash of the name.</remarks>
    public Subscription? Find(ReadOnlySpan<byte> name)
    {
        foreach (var subscription in _wanted)
        {
            if (subscription.IsNamed(name))
            {
                return subscription;
            }
        }
        return null;
    }

    /// <summary>Takes a channel out for good.</summary>
    public void Remove(Subscription subscription) => _wanted.Remove(subscription);

    /// <summary>No history can be gone on with.</summary>
    public void ForgetPositions() => _wanted.ForEach(subscription => subscription.ForgetPosition());
}
