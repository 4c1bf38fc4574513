namespace ClawEvents.Cli.Streams;

/// <summary>What a server says when it accepts a subscription.</summary>
internal ref struct SubscribeResult
{
    /// <summary>Whether the channel has a history that this subscription can go on from.</summary>
    public bool Recoverable;

    /// <summary>Name of the history; null if the server gives none.</summary>
    public string? Epoch;

    /// <summary>Last place in the history; of a recovery that worked, the place that was asked for.</summary>
    public ulong Offset;

    /// <summary>Whether this answers a request to recover.</summary>
    public bool WasRecovering;

    /// <summary>Whether <see cref="Publications"/> is everything that was missed.</summary>
    public bool Recovered;

    /// <summary>What was missed, oldest first: a raw JSON list of publications; empty if there are none.</summary>
    public ReadOnlySpan<byte> Publications;
}
