using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

/// <summary>Looks after a connection's subscriptions at intervals: presence, positions and expiry.</summary>
/// <remarks>Made when the first subscription needs it, so that other connections have no such node in the timer wheel.</remarks>
internal sealed class SubscriptionUpkeep : TimerNode
{
    private readonly ClientConnection _connection;

    private SubscriptionUpkeep(ClientConnection connection) => _connection = connection;

    private ConnectionServices Services => _connection.Services;

    /// <summary>Starts the upkeep if the subscription needs it and the connection has none yet. Thread-safe.</summary>
    public static void StartIfNeeded(ClientConnection connection, Subscription subscription)
    {
        if (!IsNeededBy(subscription) || connection.SubscriptionTable.Upkeep is not null)
        {
            return;
        }

        var upkeep = new SubscriptionUpkeep(connection);
        if (connection.SubscriptionTable.TrySetUpkeep(upkeep))
        {
            upkeep.Schedule();
        }
    }

    public void Stop() => Services.Wheel.Cancel(this);

    /// <inheritdoc/>
    public override void OnDue()
    {
        foreach (var subscription in _connection.SubscriptionTable.All)
        {
            var proxy = subscription.Terms is { Expires: true } ? Services.Renewal.ProxyFor(subscription.Channel) : null;
            if (proxy is null && IsExpired(subscription))
            {
                _connection.Subscriptions.Expire(subscription);
            }
            else if (!TryAskForRenewal(subscription, proxy))
            {
                Services.Attendance.Renew(_connection, subscription);
                if (subscription.TracksPosition)
                {
                    Services.Positions.Check(_connection, subscription);
                }
            }
        }

        Schedule();
    }

    private static bool IsNeededBy(Subscription subscription) =>
        subscription.Traits.HasFlag(SubscriptionTraits.ShowsPresence) || subscription.TracksPosition || subscription.Terms is { Expires: true };

    private void Schedule()
    {
        Services.Wheel.Schedule(this, Attendance.Interval);
        if (_connection.Phase is ConnectionPhase.Closed)
        {
            // It closed meanwhile, and its cancelling may have come before the scheduling.
            Stop();
        }
    }

    private bool IsExpired(Subscription subscription) =>
        subscription.Terms is { Expires: true } terms
        && terms.ExpiresAt + Services.Options.ExpiredSubscriptionCloseDelay < Services.Time.GetUtcNow();

    // Presence is renewed with the next tick, if there is one: the back end may say no.
    private bool TryAskForRenewal(Subscription subscription, ProxySettings? proxy)
    {
        if (proxy is null || subscription.Terms is not { } terms || terms.ExpiresAt >= Services.Time.GetUtcNow())
        {
            return false;
        }

        Services.Renewal.Ask(_connection, subscription, terms, proxy);
        return true;
    }
}
