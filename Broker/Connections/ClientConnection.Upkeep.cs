using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

// What a subscription needs from time to time. Connections whose subscriptions need nothing of it have no node in the wheel for it.
internal sealed partial class ClientConnection
{
    private SubscriptionUpkeep? _upkeep;

    private static bool NeedsUpkeep(Subscription subscription) =>
        subscription.Traits.HasFlag(SubscriptionTraits.ShowsPresence)
        || subscription is PositionedSubscription { TracksPosition: true }
        || subscription.Terms is { Expires: true };

    private void LookAfter(Subscription subscription)
    {
        if (!NeedsUpkeep(subscription) || Volatile.Read(ref _upkeep) is not null)
        {
            return;
        }

        var upkeep = new SubscriptionUpkeep(this);
        if (Interlocked.CompareExchange(ref _upkeep, upkeep, null) is null)
        {
            ScheduleUpkeep(upkeep);
        }
    }

    /// <summary>Takes what a token or a back end says anew of a subscription.</summary>
    public void Renew(Subscription subscription, SubscriptionTerms terms)
    {
        subscription.Terms = terms;
        LookAfter(subscription);
    }

    /// <summary>Gives a subscription up that misses what the channel had some time ago.</summary>
    /// <param name="subscription">Of this connection.</param>
    /// <param name="top">The channel's position, asked for just now.</param>
    public void Verify(PositionedSubscription subscription, StreamPosition top)
    {
        if (!_outbound.HasCaughtUp(subscription, top))
        {
            GiveUp(subscription, DeliveryStep.InsufficientState);
        }
    }

    private void ScheduleUpkeep(SubscriptionUpkeep upkeep)
    {
        _services.Wheel.Schedule(upkeep, Attendance.Interval);
        if (Phase is ConnectionPhase.Closed)
        {
            _services.Wheel.Cancel(upkeep);
        }
    }

    private void StopLookingAfter()
    {
        if (Volatile.Read(ref _upkeep) is { } upkeep)
        {
            _services.Wheel.Cancel(upkeep);
        }
    }

    private void OnUpkeepDue(SubscriptionUpkeep upkeep)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            if (IsOver(subscription))
            {
                Expire(subscription);
            }
            else if (!TryRenew(subscription))
            {
                _services.Attendance.Stay(this, subscription);
                if (subscription is PositionedSubscription { TracksPosition: true } positioned)
                {
                    _services.Positions.Check(this, positioned);
                }
            }
        }

        ScheduleUpkeep(upkeep);
    }

    private bool IsOver(Subscription subscription) =>
        subscription.Terms is { Expires: true } terms
        && terms.ExpiresAt + _services.Options.ExpiredSubscriptionCloseDelay < _services.Time.GetUtcNow()
        && !_services.Renewal.IsAskedAbout(subscription.Channel);

    // Presence is renewed with the next tick, if there is one: the back end may well say no.
    private bool TryRenew(Subscription subscription)
    {
        var isDue = subscription.Terms is { Expires: true } terms
            && terms.ExpiresAt < _services.Time.GetUtcNow()
            && _services.Renewal.IsAskedAbout(subscription.Channel);
        if (isDue)
        {
            _services.Renewal.Ask(this, subscription, subscription.Terms!);
        }

        return isDue;
    }

    /// <summary>Ends a subscription whose time is over.</summary>
    public void Expire(Subscription subscription)
    {
        if (subscription.IsServerSide)
        {
            Disconnect(DisconnectCode.SubscriptionExpired);
        }
        else
        {
            EndSubscription(subscription, UnsubscribeCode.SubscriptionExpired);
        }
    }

    private sealed class SubscriptionUpkeep(ClientConnection connection) : TimerNode
    {
        public override void OnDue() => connection.OnUpkeepDue(this);
    }
}
