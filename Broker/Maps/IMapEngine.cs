using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Maps;

/// <summary>The state and the one order of maps: keys with values, the stream of their changes, positions.</summary>
/// <remarks>
/// Thread-safe. Every operation is one question to the store behind it. An engine in memory answers before it returns.
/// <para>ORDER. A change gets its offset, is kept, and is handed to the <see cref="IChannelReceiver"/> in one step per map, as
/// <see cref="DeliveredPublication.Change"/>; in a map without a stream it has no position.</para>
/// <para>EXPIRY. A key that has not been published for <see cref="MapOptions.KeyTtl"/> is removed within about a second, by one node, and its removal is a
/// change like any other. Until then the key is there: state and stream always agree.</para>
/// <para>READING A MAP without losing a change: read the state page by page, each with the position of the first one; then the stream from that position.
/// A key that moves past a page's end while pages are read has changed, and so is in the stream. A page whose epoch is another one ends the reading.
/// A map without a stream is read while the subscription keeps what is delivered.</para>
/// </remarks>
internal interface IMapEngine
{
    /// <summary>Gives a key a value.</summary>
    /// <exception cref="Faults.StoreUnavailableException">The engine's server is away.</exception>
    ValueTask<MapResult> PublishAsync(ChannelName channel, MapOptions options, in MapChange change);

    /// <summary>Removes a key.</summary>
    /// <inheritdoc cref="PublishAsync"/>
    ValueTask<MapResult> RemoveAsync(ChannelName channel, MapOptions options, in MapRemoval removal);

    /// <summary>Reads a page of the state, and the position, as of one moment. A map without a position gets one: offset 0 in a new epoch.</summary>
    /// <param name="filter">Its cursor is one that this map's pages have, as <see cref="MapRules.Refuse"/> says.</param>
    /// <inheritdoc cref="PublishAsync"/>
    ValueTask<MapStatePage> ReadStateAsync(ChannelName channel, MapOptions options, MapStateFilter filter);

    /// <summary>Reads changes and the position as of one moment, at most <see cref="MapOptions.MostPerPage"/> of them.</summary>
    /// <param name="filter">See <see cref="HistoryRules.Refuse"/> for what has to be refused before the page is shown.</param>
    /// <inheritdoc cref="ReadStateAsync"/>
    ValueTask<MapStreamPage> ReadStreamAsync(ChannelName channel, MapOptions options, HistoryFilter filter);

    /// <summary>The number of keys.</summary>
    /// <inheritdoc cref="PublishAsync"/>
    ValueTask<int> CountAsync(ChannelName channel);

    /// <summary>Forgets keys and changes, and begins a new epoch. Subscribers are told to subscribe again: <see cref="IChannelReceiver.DeliverInterruption"/>.</summary>
    /// <inheritdoc cref="PublishAsync"/>
    ValueTask ClearAsync(ChannelName channel, MapOptions options);
}
