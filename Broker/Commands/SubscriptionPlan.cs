using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands.Maps;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.SharedPolls;

namespace ClawEvents.Broker.Commands;

/// <summary>The properties of a subscription to be made: the client's wishes, as far as the channel's options allow them.</summary>
internal readonly record struct SubscriptionPlan
{
    public ResolvedChannel Channel { get; private init; }

    /// <summary>A client subscribes to a map. What the broker subscribes a client to has no pages: it gets the changes of a map only.</summary>
    public bool IsMap { get; private init; }

    /// <summary>A connect goes on without it when it is refused.</summary>
    public bool IsOptional { get; init; }

    public SubscriptionTraits Traits { get; private init; }

    /// <summary>The channel's.</summary>
    public SubscriptionType Type => Channel.OptionsOrNone.SubscriptionType;

    /// <summary>The broker tracks which publications the client has.</summary>
    public bool IsPositioned { get; private init; }

    public bool TakesDeltas { get; private init; }

    /// <summary>Only publications that match are delivered and recovered; null: all.</summary>
    public TagFilter? Filter { get; private init; }

    public RecoveryRequest Recovery { get; private init; }

    /// <summary>How long reading the position keeps it alive.</summary>
    public TimeSpan MetaTtl { get; private init; }

    /// <summary>From a token or a back end; null when the client has neither.</summary>
    public AllowedSubscription? Grant { get; private init; }

    /// <summary>No token or back end has allowed it; and on the channels of claw.events these have no say.</summary>
    public bool NeedsPermission => Grant is null || PermissionsDecideAlways(Channel.Name);

    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>The client learns when it expires and renews it; otherwise a back end is asked.</summary>
    public bool IsRenewedByClient { get; private init; }

    /// <summary>Whether the permissions decide on a subscribe even when a token or a back end has allowed it.</summary>
    public static bool PermissionsDecideAlways(ChannelName channel) => channel.IsClaw;

    /// <summary>A subscription without a grant.</summary>
    /// <param name="channel">One without options is refused by the permissions.</param>
    /// <param name="wish">From a subscribe, or from a connect for a subscription that the server makes; by default nothing.</param>
    public static SubscriptionPlan Of(ResolvedChannel channel, in SubscriptionWish wish, bool isServerSide) =>
        Of(channel, channel.OptionsOrNone, wish, isServerSide);

    /// <summary>A subscription that a token, a back end or the server API allows.</summary>
    /// <param name="expiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
    /// <inheritdoc cref="Of(ResolvedChannel, in SubscriptionWish, bool)"/>
    public static SubscriptionPlan Of(
        ResolvedChannel channel, in SubscriptionWish wish, AllowedSubscription grant, DateTimeOffset expiresAt, bool isServerSide) =>
        WithoutHistoryIfSourced(Of(channel, channel.OptionsOrNone.With(grant.Overrides), wish, isServerSide) with
        {
            Grant = grant,
            ExpiresAt = expiresAt,
        });

    /// <summary>The same with a filter, and without deltas: a client that leaves publications out does not have the one that a patch is made against.</summary>
    public SubscriptionPlan With(TagFilter? filter) => filter is null ? this : this with { Filter = filter, TakesDeltas = false };

    /// <summary>The subscription, still pending and not in the hub.</summary>
    /// <param name="polls">For a channel of shared polls.</param>
    public Subscription MakeSubscription(ISubscriber subscriber, SharedPollChannels polls)
    {
        var terms = MakeTerms();
        if (Grant?.Source is { } source)
        {
            return new SourcedSubscription(subscriber, Channel.Name, Traits, source) { Terms = terms };
        }

        return Type is SubscriptionType.SharedPoll ? new SharedPollSubscription(subscriber, Channel.Name, Traits, polls, Channel.OptionsOrNone.SharedPoll, TakesDeltas) { Terms = terms }
            : IsPositioned || TakesDeltas || Filter is not null
            ? new PositionedSubscription(subscriber, Channel.Name, Traits, IsPositioned, TakesDeltas) { Terms = terms, Filter = Filter }
            : new Subscription(subscriber, Channel.Name, Traits) { Terms = terms };
    }

    /// <summary>The subscription of a client to a map, still pending and not in the hub.</summary>
    public MapSubscription MakeMapSubscription(ISubscriber subscriber) =>
        new(subscriber, Channel.Name, Traits, IsPositioned, TakesDeltas) { Terms = MakeTerms(), Filter = Filter };

    private SubscriptionTerms? MakeTerms() =>
        Grant is { } grant && (!grant.Info.IsEmpty || ExpiresAt != DateTimeOffset.MaxValue) ? new SubscriptionTerms(grant.Info, ExpiresAt) : null;

    // What a source sends has no place in a history: it begins anew with each subscription.
    private static SubscriptionPlan WithoutHistoryIfSourced(in SubscriptionPlan plan) =>
        plan.Grant?.Source is null ? plan : plan with { IsMap = false, IsPositioned = false, TakesDeltas = false, Recovery = default };

    private static SubscriptionPlan Of(ResolvedChannel channel, ChannelOptions options, in SubscriptionWish wish, bool isServerSide)
    {
        var isMap = options.IsMap && !isServerSide;
        var isRecoverable = isMap ? options.Map.KeepsStream : options.KeepsHistory && (options.ForceRecovery || (options.AllowRecovery && wish.Recoverable));
        return new()
        {
            Channel = channel,
            IsMap = isMap,
            Traits = (isServerSide ? SubscriptionTraits.ServerSide : SubscriptionTraits.None) | TraitsOf(options, wish),
            IsPositioned = isRecoverable || (options.KeepsHistory && (options.ForcePositioning || (options.AllowPositioning && wish.Positioned))),
            TakesDeltas = options.AllowFossilDelta && wish.Delta is DeltaType.Fossil,
            Recovery = new()
            {
                Since = new(wish.Offset, Encoding.UTF8.GetString(wish.Epoch.Span)),
                Recover = wish.Recover,

                // A server-side subscription has no reply of its own to carry the error.
                RejectUnrecovered = wish.RejectUnrecovered && !isServerSide,
                IsRecoverable = isRecoverable,
                Mode = options.RecoveryMode,
                AutoCacheRecover = options.AutoCacheRecover,
            },
            MetaTtl = options.HistoryMetaTtl,
            IsRenewedByClient = options.SubRefreshProxy is null,
            ExpiresAt = DateTimeOffset.MaxValue,
        };
    }

    private static SubscriptionTraits TraitsOf(ChannelOptions options, in SubscriptionWish wish) =>
        (options.Presence ? SubscriptionTraits.ShowsPresence : SubscriptionTraits.None)
        | (options.JoinLeave ? SubscriptionTraits.AnnouncesJoins : SubscriptionTraits.None)
        | (options.JoinLeave && (options.ForcePushJoinLeave || wish.JoinLeave) ? SubscriptionTraits.ReceivesJoins : SubscriptionTraits.None)
        | ((options.MapClientsPrefix ?? options.MapUsersPrefix) is not null ? SubscriptionTraits.ShowsInMaps : SubscriptionTraits.None)
        | (options is { IsMap: true, Map.RemoveClientOnUnsubscribe: true } ? SubscriptionTraits.TakesKeyAlong : SubscriptionTraits.None);
}
