namespace ClawEvents.Broker.Protocol;

/// <summary>What some values within a subscribe mean, in every encoding.</summary>
internal static class SubscribeFields
{
    // Bit 1 asks for short channel ids in pushes; it is a wish, and left alone.
    private const long RejectUnrecoveredBit = 2;

    public static bool RejectsUnrecovered(long flag) => (flag & RejectUnrecoveredBit) != 0;

    /// <param name="name">UTF-8; empty when absent.</param>
    public static DeltaType DeltaOf(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? DeltaType.None : name.SequenceEqual("fossil"u8) ? DeltaType.Fossil : DeltaType.Unknown;
}
