using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The one way to open a subscription, for subscribes, connects and the server: it joins, is checked, reads what it missed, and begins with a reply.</summary>
/// <remarks>
/// DESIGN. It joins the hub before the permissions are asked: a lock set in between then finds the pending subscription and ends it, while asking first
/// would leave one behind that nobody allowed. A subscription that does not begin, for whatever reason, leaves nothing behind.
/// </remarks>
internal sealed class SubscriptionOpening(IChannelEngine engine, ChannelPermissions permissions, Attendance attendance, TimeProvider time)
{
    /// <summary>Opens one subscription.</summary>
    /// <param name="connection">An identified one.</param>
    /// <param name="plan">What it is going to be.</param>
    /// <param name="tryWrite">Writes the reply or push with which it begins; false when the client's encoding cannot hold it.</param>
    /// <returns>Null when it has begun, otherwise the error to answer with, unless the connection is closing.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The store or the engine is away.</exception>
    public ValueTask<ErrorCode?> OpenAsync(ClientConnection connection, SubscriptionPlan plan, Func<FrameWriter, OpeningSubscription, bool> tryWrite) =>
        OpenAsync(connection, [plan], opening => Begin(connection, opening[0], tryWrite));

    /// <summary>Opens subscriptions that begin together.</summary>
    /// <param name="connection">An identified one.</param>
    /// <param name="plans">An optional one that is refused is left out, unless the connection has no room for it.</param>
    /// <param name="begin">Sends the reply with which they begin; returns null when it has done so.</param>
    /// <returns>Null when they have begun, otherwise the error to answer with, unless the connection is closing.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The store or the engine is away.</exception>
    public async ValueTask<ErrorCode?> OpenAsync(
        ClientConnection connection, IReadOnlyList<SubscriptionPlan> plans, Func<IReadOnlyList<OpeningSubscription>, ErrorCode?> begin)
    {
        var opening = new List<OpeningSubscription>(plans.Count);
        ErrorCode? error;
        var hasBegun = false;
        try
        {
            error = await PrepareAllAsync(connection, plans, opening) ?? begin(opening);
            hasBegun = error is null;
        }
        finally
        {
            if (!hasBegun)
            {
                await AbandonAsync(connection, opening);
            }
        }

        if (hasBegun)
        {
            await AnnounceAsync(connection, opening);
        }

        return error;
    }

    private async ValueTask<ErrorCode?> PrepareAllAsync(ClientConnection connection, IReadOnlyList<SubscriptionPlan> plans, List<OpeningSubscription> opening)
    {
        foreach (var plan in plans)
        {
            var joined = opening.Count;
            if (await PrepareAsync(connection, plan, opening) is { } error)
            {
                if (!plan.IsOptional || error == ErrorCode.LimitExceeded)
                {
                    return error;
                }

                await AbandonAsync(connection, opening[joined..]);
                opening.RemoveRange(joined, opening.Count - joined);
            }
        }

        return null;
    }

    private async ValueTask<ErrorCode?> PrepareAsync(ClientConnection connection, SubscriptionPlan plan, List<OpeningSubscription> opening)
    {
        var joining = new OpeningSubscription(plan.MakeSubscription(connection));
        if (!connection.Subscriptions.TryJoin(joining.Subscription, out var error))
        {
            return error;
        }

        opening.Add(joining);
        error = await CheckPermissionAsync(connection, plan);
        if (error is null)
        {
            (joining.Result, error) = await ReadMissedAsync(connection, joining.Subscription, plan);
        }

        if (error is null)
        {
            await attendance.ArriveAsync(connection, joining.Subscription);
        }

        return error;
    }

    private async ValueTask<ErrorCode?> CheckPermissionAsync(ClientConnection connection, SubscriptionPlan plan) =>
        plan.NeedsPermission && await permissions.CanSubscribeAsync(connection.Principal, plan.Channel) is var decision and not AccessDecision.Allowed
            ? AccessError.Of(decision, plan.Channel.Name)
            : null;

    private async ValueTask<(SubscribeResult Result, ErrorCode? Error)> ReadMissedAsync(ClientConnection connection, Subscription subscription, SubscriptionPlan plan)
    {
        var result = new SubscribeResult
        {
            WasRecovering = plan.Recovery.Recover,
            Delta = plan.TakesDeltas,
            Data = plan.Grant?.Data ?? default,
            TimeToLiveSeconds = plan.IsRenewedByClient ? TokenLife.SecondsLeft(plan.ExpiresAt, time) : 0,
        };

        // Before the history is read: what is published from here on is kept for the subscription.
        await connection.Subscriptions.ListenAsync(subscription);
        if (!plan.IsPositioned)
        {
            return (result, null);
        }

        var history = await engine.ReadHistoryAsync(subscription.Channel, Recovery.FilterFor(plan.Recovery), plan.MetaTtl);
        var recovery = Recovery.Resolve(plan.Recovery, history);
        if (recovery.Error is not null)
        {
            return (result, recovery.Error);
        }

        subscription.StartAt(recovery.Top, hasNewest: recovery.Recovered);
        return (WithRecovery(result, plan, recovery, connection.Codec), null);
    }

    private static ErrorCode? Begin(ClientConnection connection, OpeningSubscription opening, Func<FrameWriter, OpeningSubscription, bool> tryWrite)
    {
        var message = FrameWriter.Begin();
        if (!tryWrite(message, opening))
        {
            connection.Disconnect(DisconnectCode.InappropriateProtocol);
            return ErrorCode.NotAvailable;
        }

        // It does not start when the right to it was taken away meanwhile.
        return connection.Subscriptions.TryStart(opening.Subscription, connection.Complete(message))
            ? null
            : AccessError.Of(AccessDecision.Denied, opening.Subscription.Channel);
    }

    private async ValueTask AnnounceAsync(ClientConnection connection, List<OpeningSubscription> opened)
    {
        foreach (var begun in opened)
        {
            await attendance.AnnounceAsync(connection, begun.Subscription);
        }
    }

    private async ValueTask AbandonAsync(ClientConnection connection, List<OpeningSubscription> opening)
    {
        foreach (var abandoned in opening)
        {
            connection.Subscriptions.Abandon(abandoned.Subscription);
            await attendance.WithdrawAsync(connection, abandoned.Subscription);
        }
    }

    private static SubscribeResult WithRecovery(in SubscribeResult result, in SubscriptionPlan plan, in RecoveryResult recovery, MessageCodec codec)
    {
        var filter = plan.Filter;
        IReadOnlyList<StoredPublication> missed = filter is null ? recovery.Publications : [.. recovery.Publications.Where(stored => filter.Matches(stored.Publication.Tags))];
        return result with
        {
            Positioned = true,
            Recoverable = plan.Recovery.IsRecoverable,
            Position = recovery.Position,
            Recovered = recovery.Recovered,
            Publications = missed.Count == 0 ? null : MissedPublications.Of(missed, plan.TakesDeltas, codec),
        };
    }
}
