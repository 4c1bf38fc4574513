namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Asks for past publications of a channel, or for its position.</summary>
internal record struct HistoryCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;

    /// <summary>At most so many publications; 0: the position only, below 0: all.</summary>
    public int Limit;

    /// <summary>Newest first.</summary>
    public bool Reverse;

    /// <summary>The history starts at <see cref="Offset"/> and <see cref="Epoch"/>.</summary>
    public bool HasSince;

    public ulong Offset;

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Epoch;
}
