namespace ClawEvents.Cli.Streams;

/// <summary>A server's answer to an accepted subscription.</summary>
internal ref struct SubscribeResult
{
    /// <summary>Whether the channel has a history from which this subscription can recover.</summary>
    public bool Recoverable;

    /// <summary>Epoch of the history; null if the server gives none.</summary>
    public string? Epoch;

    /// <summary>Last offset in the history; after a successful recovery, the offset that was asked for.</summary>
    public ulong Offset;

    /// <summary>Whether this answers a request to recover.</summary>
    public bool WasRecovering;

    /// <summary>Whether <see cref="Publications"/> contains everything that was missed.</summary>
    public bool Recovered;

    /// <summary>Missed publications, oldest first: a raw JSON list; empty if there are none.</summary>
    public ReadOnlySpan<byte> Publications;
}
