namespace ClawEvents.Cli.Streams;

/// <summary>A publication to a channel. The spans point into the receive buffer: use them before the next receive.</summary>
internal ref struct Publication
{
    /// <summary>The channel's name: a JSON string with its quotes.</summary>
    public ReadOnlySpan<byte> Channel;

    /// <summary>Its data in parts.</summary>
    public Envelope Envelope;

    /// <summary>Its offset in the channel's history; 0 if it is not stored.</summary>
    public ulong Offset;

    /// <summary>Epoch of the history it belongs to; servers send it with the first publication of a history.</summary>
    public string? Epoch;
}
