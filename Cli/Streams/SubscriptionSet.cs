namespace ClawEvents.Cli.Streams;

/// <summary>The channels of one stream and which of them were refused. Used by one task at a time.</summary>
/// <param name="start">Where each channel begins.</param>
internal sealed class SubscriptionSet(IEnumerable<string> channels, Func<string, StartPlace> start)
{
    private readonly List<Subscription> _wanted = [.. channels.Distinct(StringComparer.Ordinal).Select(channel => new Subscription(channel, start(channel)))];

    /// <summary>The subscriptions to make after each connect, each channel once, in the given order.</summary>
    public IReadOnlyList<Subscription> Wanted => _wanted;

    /// <summary>The subscription to a channel, by its name as a JSON string with quotes; null if there is none.</summary>
    /// <remarks>Hot path, once per publication. A server accepts about a hundred subscriptions per connection: a linear search
    /// costs less than a hash of the name.</remarks>
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

    /// <summary>Removes a channel for good.</summary>
    public void Remove(Subscription subscription) => _wanted.Remove(subscription);

    /// <summary>Forgets all positions: none can be recovered from.</summary>
    public void ForgetPositions() => _wanted.ForEach(subscription => subscription.ForgetPosition());
}
