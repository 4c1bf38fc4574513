using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

/// <summary>Asks back ends whether expired connections and subscriptions may continue, where back ends decide on that. docs/reference/proxies.md</summary>
/// <remarks>Thread-safe; no caller waits. When a back end does not answer, it is asked again after a reprieve.</remarks>
internal sealed class Renewal(BackEnds backEnds, ChannelResolver channels, ProxyOptions proxies, TimeProvider time, ILogger<Renewal> logger)
{
    // Not shorter than any timeout of a back end: no second request starts during the first.
    private static readonly TimeSpan Reprieve = TimeSpan.FromSeconds(60);

    /// <summary>Back ends decide, and not the tokens of clients.</summary>
    public bool IsAskedAboutConnections => proxies.Refresh is not null;

    /// <summary>The back end that decides whether a subscription to the channel goes on; null: the client brings a new token.</summary>
    public ProxySettings? ProxyFor(ChannelName channel) => proxies.Find(channels.Resolve(channel).Options?.SubRefreshProxy);

    public void Ask(ClientConnection connection)
    {
        connection.ExpireAt(time.GetUtcNow() + Reprieve);
        _ = Unattended.RunAsync(() => AskAsync(connection), logger, "ask a back end whether a connection may go on");
    }

    public void Ask(ClientConnection connection, Subscription subscription, SubscriptionTerms terms, ProxySettings proxy)
    {
        terms.Prolong(time.GetUtcNow() + Reprieve);
        _ = Unattended.RunAsync(() => AskAsync(connection, subscription, terms, proxy), logger, "ask a back end whether a subscription may go on");
    }

    private async ValueTask AskAsync(ClientConnection connection)
    {
        var outcome = await backEnds.RefreshAsync(proxies.Refresh!, connection.Caller, new(ProxyEventKind.Refresh), default);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (IsOver(outcome))
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
        else if (outcome.Value is { } answer)
        {
            connection.Renew(answer.ExpiresAt, answer.Info, answer.Meta);
        }
    }

    private async ValueTask AskAsync(ClientConnection connection, Subscription subscription, SubscriptionTerms terms, ProxySettings proxy)
    {
        var happened = new ProxyEvent(ProxyEventKind.SubRefresh) { Channel = subscription.Channel.Value };
        var outcome = await backEnds.RefreshAsync(proxy, connection.Caller, happened, default);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (IsOver(outcome))
        {
            connection.Subscriptions.Expire(subscription);
        }
        else if (outcome.Value is { } answer)
        {
            connection.Subscriptions.Renew(subscription, new SubscriptionTerms(answer.Info.IsEmpty ? terms.Info : answer.Info, answer.ExpiresAt));
        }
    }

    // After a fault or a temporary error the reprieve stays.
    private bool IsOver(in Outcome<RefreshAnswer> outcome) =>
        outcome.Error is { Temporary: false } || outcome.Value is { IsExpired: true } || (outcome.Value is { } answer && answer.ExpiresAt <= time.GetUtcNow());
}
