namespace ClawEvents.Broker.Channels;

/// <summary>How a channel keeps its history. The default keeps none.</summary>
/// <param name="Size">Most publications kept; the oldest goes first.</param>
/// <param name="Ttl">How long after the last publication all of them are kept.</param>
/// <param name="MetaTtl">How long after the last publication or read the position (offset and epoch) is kept; at least <paramref name="Ttl"/>.</param>
internal readonly record struct HistoryOptions(int Size, TimeSpan Ttl, TimeSpan MetaTtl)
{
    /// <summary>For channels without history, and for publications that pass it by (<c>skip_history</c>).</summary>
    public static HistoryOptions None => default;

    public bool IsOn => Size > 0 && Ttl > TimeSpan.Zero;
}
