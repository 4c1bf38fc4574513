namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Brings a new token for a subscription, or changes the keys that a client tracks in a shared poll.</summary>
internal record struct SubRefreshCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Token;

    /// <summary>0: a new token, 1: keys to track, 2: keys to track no longer. Any number may come.</summary>
    public int Type;

    /// <summary>Null when no keys came, so that a new token costs no object.</summary>
    public TrackedKeys? Keys;
}
