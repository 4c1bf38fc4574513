using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

/// <summary>Looks after a connection's subscriptions: presence and positions at intervals, and each expiry when it is due.</summary>
/// <remarks>
/// Made when the first subscription needs it, so that other connections have no such node in the timer wheel. Thread-safe: its gate is the object itself.
/// </remarks>
internal sealed class SubscriptionUpkeep : TimerNode
{
    private readonly ClientConnection _connection;

    // Timestamps; used by the wheel's thread, and under the gate.
    private long _lastRound;
    private long _lastCheck;

    private SubscriptionUpkeep(ClientConnection connection)
    {
        _connection = connection;
        _lastRound = _lastCheck = connection.Services.Time.GetTimestamp();
    }

    private ConnectionServices Services => _connection.Services;

    /// <summary>Starts the upkeep if the subscription needs it, or has it expect the subscription's end. Thread-safe.</summary>
    public static void StartIfNeeded(ClientConnection connection, Subscription subscription)
    {
        if (!IsNeededBy(subscription))
        {
            return;
        }

        var upkeep = connection.SubscriptionTable.Upkeep;
        if (upkeep is null)
        {
            connection.SubscriptionTable.TrySetUpkeep(new SubscriptionUpkeep(connection));
            connection.SubscriptionTable.Upkeep!.Schedule();
        }
        else if (subscription.Terms is { Expires: true })
        {
            upkeep.Schedule();
        }
    }

    public void Stop() => Services.Wheel.Cancel(this);

    /// <inheritdoc/>
    public override void OnDue()
    {
        var isRound = Services.Time.GetElapsedTime(_lastRound) >= Services.Options.PresenceInterval;
        var isCheck = Services.Time.GetElapsedTime(_lastCheck) >= Services.Options.PositionCheckInterval;
        foreach (var subscription in _connection.SubscriptionTable.All)
        {
            // A subscription that a back end prolongs has its presence renewed with the next round: the back end may say no.
            if (!TryExpire(subscription))
            {
                Renew(subscription, isRound, isCheck);
            }
        }

        lock (this)
        {
            var now = Services.Time.GetTimestamp();
            (_lastRound, _lastCheck) = (isRound ? now : _lastRound, isCheck ? now : _lastCheck);
        }

        Schedule();
    }

    private static bool IsNeededBy(Subscription subscription) =>
        subscription.Has(SubscriptionTraits.ShowsPresence | SubscriptionTraits.ShowsInMaps) || subscription.TracksPosition || subscription.Terms is { Expires: true };

    // Under the gate, so that a subscription that another thread adds is not forgotten.
    private void Schedule()
    {
        lock (this)
        {
            var delay = Services.Options.PresenceInterval - Services.Time.GetElapsedTime(_lastRound);
            var check = Services.Options.PositionCheckInterval - Services.Time.GetElapsedTime(_lastCheck);
            delay = check < delay ? check : delay;
            foreach (var subscription in _connection.SubscriptionTable.All)
            {
                delay = subscription.Terms is { Expires: true } terms && Left(subscription, terms, out _) is var left && left < delay ? left : delay;
            }

            Services.Wheel.Schedule(this, delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
        }

        if (_connection.Phase is ConnectionPhase.Closed)
        {
            // It closed meanwhile, and its cancelling may have come before the scheduling.
            Stop();
        }
    }

    // A back end is asked when the subscription expires; a client has some time more for a new token.
    private TimeSpan Left(Subscription subscription, SubscriptionTerms terms, out ProxySettings? proxy)
    {
        proxy = Services.Renewal.ProxyFor(subscription.Channel);
        return terms.ExpiresAt - Services.Time.GetUtcNow() + (proxy is null ? Services.Options.ExpiredSubscriptionCloseDelay : TimeSpan.Zero);
    }

    private bool TryExpire(Subscription subscription)
    {
        if (subscription.Terms is not { Expires: true } terms || Left(subscription, terms, out var proxy) > TimeSpan.Zero)
        {
            return false;
        }

        if (proxy is null)
        {
            _connection.Subscriptions.Expire(subscription);
        }
        else
        {
            Services.Renewal.Ask(_connection, subscription, terms, proxy);
        }

        return true;
    }

    private void Renew(Subscription subscription, bool isRound, bool isCheck)
    {
        if (isRound)
        {
            Services.Attendance.Renew(_connection, subscription);
        }

        if (isCheck && subscription.TracksPosition)
        {
            Services.Positions.Check(_connection, subscription);
        }
    }
}
