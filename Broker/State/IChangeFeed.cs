namespace ClawEvents.Broker.State;

/// <summary>Reports every change of the keys that a store behind a network caches, by this broker or anybody else.</summary>
internal interface IChangeFeed
{
    /// <summary>Raised for each changed key, including changes by this broker. Called on the connection's thread; handlers do not wait.</summary>
    event Action<string>? Changed;

    /// <summary>The same number as long as no change can have been missed; 0 while one could be.</summary>
    /// <remarks>Thread-safe. Hot path: a cached value is valid while this number is the one from when its reading began.</remarks>
    long Continuity { get; }
}

/// <summary>Reports nothing, so that the store is asked each time.</summary>
internal sealed class NoChangeFeed : IChangeFeed
{
    public static readonly NoChangeFeed Instance = new();

    public event Action<string>? Changed
    {
        add { }
        remove { }
    }

    public long Continuity => 0;
}
