using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands;

/// <summary>What a subscription is going to be: what the client would like, as far as the channel's options go along with it.</summary>
internal readonly record struct SubscriptionPlan
{
    public SubscriptionTraits Traits { get; private init; }

    /// <summary>The broker tracks which publications the client has.</summary>
    public bool IsPositioned { get; private init; }

    public bool TakesDeltas { get; private init; }

    /// <summary>Of the publications these alone are delivered, and recovered; null: all.</summary>
    public TagFilter? Filter { get; private init; }

    public RecoveryRequest Recovery { get; private init; }

    /// <summary>How long a look at the position keeps it alive.</summary>
    public TimeSpan MetaTtl { get; private init; }

    /// <summary>What a token or a back end allows; null: the client asks on its own.</summary>
    public SubscriptionGrant? Grant { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>The client is told of the end, and has to do something about it; otherwise a back end is asked.</summary>
    public bool IsRenewedByClient { get; private init; }

    /// <param name="options">The channel's; null when nobody may use the channel, which the permissions tell.</param>
    /// <param name="wish">From a subscribe, or from a connect for a subscription that the server makes; by default nothing.</param>
    public static SubscriptionPlan Of(ChannelOptions? options, in SubscriptionWish wish) => Of(options ?? ChannelOptions.None, wish, SubscriptionTraits.None);

    /// <param name="options">The channel's.</param>
    /// <param name="grant">What makes it.</param>
    /// <param name="expiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
    /// <param name="isServerSide">The client does not ask for it: it is told of it.</param>
    public static SubscriptionPlan Of(ChannelOptions options, in SubscriptionWish wish, SubscriptionGrant grant, DateTimeOffset expiresAt, bool isServerSide) =>
        Of(options.With(grant.Overrides), wish, isServerSide ? SubscriptionTraits.ServerSide : SubscriptionTraits.None) with
        {
            Grant = grant,
            ExpiresAt = expiresAt,
        };

    /// <summary>The same with a filter. Who leaves publications out has nothing that a patch could be made against.</summary>
    public SubscriptionPlan With(TagFilter? filter) => filter is null ? this : this with { Filter = filter, TakesDeltas = false };

    /// <summary>The subscription, still pending and not in the hub.</summary>
    public Subscription Make(ISubscriber subscriber, ChannelName channel)
    {
        var terms = Grant is { } grant && (!grant.Info.IsEmpty || ExpiresAt != DateTimeOffset.MaxValue) ? new SubscriptionTerms(grant.Info, ExpiresAt) : null;
        return IsPositioned || TakesDeltas || Filter is not null
            ? new PositionedSubscription(subscriber, channel, Traits, IsPositioned, TakesDeltas) { Terms = terms, Filter = Filter }
            : new Subscription(subscriber, channel, Traits) { Terms = terms };
    }

    private static SubscriptionPlan Of(ChannelOptions options, in SubscriptionWish wish, SubscriptionTraits traits)
    {
        var isRecoverable = options.KeepsHistory && (options.ForceRecovery || (options.AllowRecovery && wish.Recoverable));
        return new()
        {
            Traits = traits | TraitsOf(options, wish),
            IsPositioned = isRecoverable || (options.KeepsHistory && (options.ForcePositioning || (options.AllowPositioning && wish.Positioned))),
            TakesDeltas = options.AllowFossilDelta && wish.Delta is DeltaType.Fossil,
            Recovery = new()
            {
                Since = new(wish.Offset, Encoding.UTF8.GetString(wish.Epoch.Span)),
                Recover = wish.Recover,

                // There is no reply of its own to refuse a server-side subscription with.
                RejectUnrecovered = wish.RejectUnrecovered && !traits.HasFlag(SubscriptionTraits.ServerSide),
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
        | (options.JoinLeave ? SubscriptionTraits.TellsComings : SubscriptionTraits.None)
        | (options.JoinLeave && (options.ForcePushJoinLeave || wish.JoinLeave) ? SubscriptionTraits.HearsComings : SubscriptionTraits.None);
}
