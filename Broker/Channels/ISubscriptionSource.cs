namespace ClawEvents.Broker.Channels;

/// <summary>How a source came to its end.</summary>
internal enum SourceEnd : byte
{
    /// <summary>The subscription has ended, and its source with it.</summary>
    Disposed,

    /// <summary>It has nothing more to say.</summary>
    Finished,

    /// <summary>It was lost: more may have been coming.</summary>
    Lost,
}

/// <summary>Where publications for one subscription alone come from, beside those of its channel. Disposing of it ends it, at any time and more than once.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface ISubscriptionSource : IDisposable
{
    /// <summary>What the client publishes in the channel goes to the source.</summary>
    bool TakesPublications { get; }

    /// <summary>Hands over each publication, in order, one after the other, until there are no more. To be called once.</summary>
    /// <param name="deliver">Its data is valid until the call returns.</param>
    Task<SourceEnd> ReadAsync(Action<Publication> deliver);

    /// <summary>Sends what the client publishes, after what was sent before.</summary>
    /// <returns>False when the source has ended.</returns>
    ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> data);
}
