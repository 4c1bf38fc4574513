namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>How a client wants to be subscribed to a channel; the channel's options decide what it gets. The default value is the plain case.</summary>
internal record struct SubscriptionWish
{
    // Bit 1 of flag asks for short channel ids in pushes, an optimization that this broker does not offer.
    private const long RejectUnrecoveredBit = 2;

    /// <summary>The client wants the publications it missed, from <see cref="Offset"/> and <see cref="Epoch"/> on.</summary>
    public bool Recover;

    public ulong Offset;

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Epoch;

    /// <summary>An error is better than a subscription with a gap.</summary>
    public bool RejectUnrecovered;

    /// <summary>The broker tracks the client's position.</summary>
    public bool Positioned;

    /// <summary>The client is able to recover.</summary>
    public bool Recoverable;

    /// <summary>The client receives joins and leaves of other clients.</summary>
    public bool JoinLeave;

    public DeltaType Delta;

    /// <summary>Only publications with certain tags: for <see cref="MessageCodec.TryReadFilter"/>. Null: all of them.</summary>
    public ReadOnlyMemory<byte>? Filter;

    /// <param name="flag">The bit field of a subscribe.</param>
    public static bool RejectsUnrecovered(long flag) => (flag & RejectUnrecoveredBit) != 0;

    /// <param name="name">UTF-8; empty when missing.</param>
    public static DeltaType DeltaOf(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? DeltaType.None : name.SequenceEqual("fossil"u8) ? DeltaType.Fossil : DeltaType.Unknown;
}
