namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>The part of a map that a subscribe asks for. The default value is what subscribes to other channels have.</summary>
internal record struct PageWish
{
    /// <summary>A <see cref="MapPhase"/>. Any number may come.</summary>
    public int Phase;

    /// <summary>From the reply with the page before it; empty for the first page. UTF-8.</summary>
    public ReadOnlyMemory<byte> Cursor;

    /// <summary>At most so many entries or publications; 0: as many as the channel's options say.</summary>
    public int Limit;

    /// <summary>Lowest score first, in a map that is ordered by score.</summary>
    public bool Ascending;
}
