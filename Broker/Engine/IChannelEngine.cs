using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>The state and the one order of channels: history, positions, presence.</summary>
/// <remarks>
/// Thread-safe. Every operation is one question to the store behind it, and one that fits into a single script or command of a server.
/// An engine in memory answers before it returns.
/// <para>ORDER. <see cref="PublishAsync"/> gives a publication its offset, keeps it and hands it to the <see cref="IChannelReceiver"/> in one step per
/// channel, so subscribers get offsets without gaps. In memory that happens under the channel's gate and before the call returns; with a
/// server between several nodes it happens on each node when the server's message arrives.</para>
/// <para>SUBSCRIBING WITH A POSITION without losing or doubling anything, on any engine:
/// (1) put the subscription into the hub, pending, so that it keeps what is delivered (in a bounded buffer; a subscription that overflows it starts again);
/// (2) read the history with <see cref="MissedHistory.ReadAsync"/>; (3) ask <see cref="Recovery.Resolve"/> for the reply; (4) under the gate of the
/// connection's queue: write the reply, start the subscription at the result's top, pass each kept delivery
/// through it, and become active. A publication between (1) and (2) is in both, and the subscription skips it; one after (2) is in the buffer.</para>
/// </remarks>
internal interface IChannelEngine
{
    /// <summary>How long an idempotency key counts.</summary>
    static readonly TimeSpan IdempotencyTtl = TimeSpan.FromMinutes(5);

    ValueTask<PublishResult> PublishAsync(ChannelName channel, in EnginePublication publication);

    /// <summary>Reads publications and position as of one moment. A channel without a position gets one: offset 0 in a new epoch.</summary>
    /// <param name="channel">One with history.</param>
    /// <param name="filter">See <see cref="HistoryRules.Refuse"/> for what has to be refused before the page is shown.</param>
    /// <param name="metaTtl">As in <see cref="HistoryOptions"/>: reading keeps the position alive.</param>
    ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl);

    /// <summary>Forgets the publications. Position and version stay.</summary>
    ValueTask RemoveHistoryAsync(ChannelName channel);

    /// <summary>Tells the channel's subscribers on all nodes; nothing is kept.</summary>
    ValueTask PublishJoinAsync(ChannelName channel, ClientInfo client);

    /// <inheritdoc cref="PublishJoinAsync"/>
    ValueTask PublishLeaveAsync(ChannelName channel, ClientInfo client);

    /// <summary>Says that a client is there; to be said again before <paramref name="ttl"/> passes, with which it would be gone.</summary>
    ValueTask AddPresenceAsync(ChannelName channel, ClientInfo client, TimeSpan ttl);

    ValueTask RemovePresenceAsync(ChannelName channel, Guid client);

    /// <summary>The clients in the channel, in no order.</summary>
    ValueTask<IReadOnlyList<ClientInfo>> GetPresenceAsync(ChannelName channel);

    ValueTask<PresenceStats> GetPresenceStatsAsync(ChannelName channel);
}
