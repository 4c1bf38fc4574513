namespace ClawEvents.Broker.State;

/// <summary>Hears of every change of the keys that a store behind a network keeps in memory, whoever makes it.</summary>
internal interface IChangeFeed
{
    /// <summary>Raised for each key that has changed, also by this broker. Called on the connection's thread; handlers do not wait.</summary>
    event Action<string>? Changed;

    /// <summary>The same number as long as no change can have been missed; 0 while one could be.</summary>
    /// <remarks>Thread-safe. Hot path: what was read is good while this is what it was when the reading began.</remarks>
    long Continuity { get; }
}

/// <summary>Hears nothing: the store is asked each time.</summary>
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
