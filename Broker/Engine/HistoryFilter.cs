using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>Which part of a channel's history is asked for.</summary>
/// <param name="Limit">Most publications; 0: only the position; below 0: all.</param>
/// <param name="Since">Publications after it, or with <paramref name="Reverse"/> before it; itself never. Null: from the beginning, or the end.</param>
/// <param name="Reverse">Newest first.</param>
internal readonly record struct HistoryFilter(int Limit, StreamPosition? Since = null, bool Reverse = false)
{
    /// <summary>The last publication only.</summary>
    public static HistoryFilter Newest => new(Limit: 1, Reverse: true);

    /// <summary>The position only.</summary>
    public static HistoryFilter Position => new(Limit: 0);

    /// <summary>The same for a client, whose answers are limited.</summary>
    /// <param name="most">Publications of one answer.</param>
    public HistoryFilter ForClient(int most) => this with { Limit = Limit < 0 || Limit > most ? most : Limit };
}
