namespace ClawEvents.Cli.Streams;

/// <summary>What was published to a channel. The spans point into what was received: use them before the next receive.</summary>
internal ref struct Publication
{
    /// <summary>The channel's name: a JSON string with its quotes.</summary>
    public ReadOnlySpan<byte> Channel;

    /// <summary>One raw JSON value; empty if there is none.</summary>
    public ReadOnlySpan<byte> Data;

    /// <summary>Its place in the channel's history; 0 if it is not kept.</summary>
    public ulong Offset;

    /// <summary>The history it belongs to, where the server says so: on a history's first publication.</summary>
    public string? Epoch;
}
