using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.SharedPolls;

namespace ClawEvents.Broker.Commands;

/// <summary>The one way to open a subscription, for subscribes, connects and the server: it joins, is checked, reads what it missed, and begins with a reply.</summary>
/// <remarks>
/// DESIGN. It joins the hub before the permissions are asked: a lock set in between then finds the pending subscription and ends it, while asking first
/// would leave one behind that nobody allowed. A subscription that does not begin, for whatever reason, leaves nothing behind.
/// </remarks>
internal sealed class SubscriptionOpening(
    IChannelEngine engine, ChannelPermissions permissions, Attendance attendance, SharedPollChannels polls, ConnectionOptions options, TimeProvider time)
{
    private static readonly ErrorCode Lost = ErrorCode.Internal.Because("the right to subscribe could not be checked in time");

    /// <summary>Opens one subscription.</summary>
    /// <param name="connection">An identified one.</param>
    /// <param name="plan">Its properties.</param>
    /// <param name="reply">The reply or push with which it begins.</param>
    /// <returns>Null when it has begun, otherwise the error to answer with, unless the connection is closing.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The store or the engine is away.</exception>
    public async ValueTask<ErrorCode?> OpenAsync<TReply>(ClientConnection connection, SubscriptionPlan plan, TReply reply)
        where TReply : struct, ISubscriptionReply
    {
        var subscription = plan.MakeSubscription(connection, polls);
        if (!connection.Subscriptions.TryJoin(subscription, out var error))
        {
            return error;
        }

        var hasBegun = false;
        try
        {
            (var result, error) = await PrepareAsync(connection, subscription, plan);
            hasBegun = error is null && TryBegin(connection, subscription, result, reply);
            error = hasBegun ? null : error ?? await FindLossAsync(connection, plan);
        }
        finally
        {
            if (!hasBegun)
            {
                await AbandonAsync(connection, subscription);
            }
        }

        if (hasBegun)
        {
            await attendance.AnnounceAsync(connection, subscription);
        }

        return error;
    }

    /// <summary>Opens subscriptions that begin together, with one reply.</summary>
    /// <param name="connection">An identified one.</param>
    /// <param name="plans">An optional one that is refused is left out, unless the connection has no room for it.</param>
    /// <param name="begin">Sends the reply with which they begin; returns null when it has done so.</param>
    /// <inheritdoc cref="OpenAsync" path="/returns|/exception"/>
    public async ValueTask<ErrorCode?> OpenAllAsync(
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
            for (var i = 0; i < opening.Count && !hasBegun; i++)
            {
                await AbandonAsync(connection, opening[i].Subscription);
            }
        }

        for (var i = 0; i < opening.Count && hasBegun; i++)
        {
            await attendance.AnnounceAsync(connection, opening[i].Subscription);
        }

        return error;
    }

    /// <summary>Checks the right to a subscription that has joined, and has the node hear its channel: from here on what is published can be kept for it.</summary>
    /// <returns>Null when it may go on.</returns>
    public async ValueTask<ErrorCode?> AdmitAsync(ClientConnection connection, Subscription subscription, SubscriptionPlan plan)
    {
        if (plan.NeedsPermission && await FindRefusalAsync(connection, plan) is { } denied)
        {
            return denied;
        }

        await connection.Subscriptions.ListenAsync(subscription);
        return null;
    }

    /// <summary>Begins a subscription that was admitted and knows where it starts.</summary>
    /// <inheritdoc cref="OpenAsync" path="/returns|/exception"/>
    public async ValueTask<ErrorCode?> BeginAsync<TReply>(ClientConnection connection, Subscription subscription, SubscriptionPlan plan, SubscribeResult result, TReply reply)
        where TReply : struct, ISubscriptionReply
    {
        await attendance.ArriveAsync(connection, subscription);
        if (!TryBegin(connection, subscription, result, reply))
        {
            return await FindLossAsync(connection, plan);
        }

        await attendance.AnnounceAsync(connection, subscription);
        return null;
    }

    /// <summary>Removes a subscription that did not begin.</summary>
    public ValueTask AbandonAsync(ClientConnection connection, Subscription subscription)
    {
        connection.Subscriptions.Abandon(subscription);
        return attendance.WithdrawAsync(connection, subscription);
    }

    /// <summary>The part of the reply that does not depend on what the channel holds.</summary>
    public SubscribeResult StartOf(SubscriptionPlan plan) => new()
    {
        WasRecovering = plan.Recovery.IsTried,
        Delta = plan.TakesDeltas,
        Type = (int)plan.Type,
        Data = plan.Grant?.Data ?? default,
        TimeToLiveSeconds = plan.IsRenewedByClient ? TokenLife.SecondsLeft(plan.ExpiresAt, time) : 0,
    };

    private async ValueTask<ErrorCode?> PrepareAllAsync(ClientConnection connection, IReadOnlyList<SubscriptionPlan> plans, List<OpeningSubscription> opening)
    {
        foreach (var plan in plans)
        {
            var subscription = plan.MakeSubscription(connection, polls);
            var hasJoined = connection.Subscriptions.TryJoin(subscription, out var error);
            if (hasJoined)
            {
                // In the list before anything can fail, so that it is abandoned with the others should the store fail now.
                opening.Add(new(subscription, default));
                (var result, error) = await PrepareAsync(connection, subscription, plan);
                opening[^1] = new(subscription, result);
            }

            if (error is not null && (!plan.IsOptional || error == ErrorCode.LimitExceeded))
            {
                return error;
            }

            if (error is not null && hasJoined)
            {
                opening.RemoveAt(opening.Count - 1);
                await AbandonAsync(connection, subscription);
            }
        }

        return null;
    }

    // Between joining and beginning.
    private async ValueTask<(SubscribeResult Result, ErrorCode? Error)> PrepareAsync(ClientConnection connection, Subscription subscription, SubscriptionPlan plan)
    {
        // Before the history is read: what is published from here on is kept for the subscription.
        if (await AdmitAsync(connection, subscription, plan) is { } denied)
        {
            return (default, denied);
        }

        var (result, error) = await ReadMissedAsync(connection, subscription, plan);
        if (error is null)
        {
            await attendance.ArriveAsync(connection, subscription);
        }

        return (result, error);
    }

    private async ValueTask<ErrorCode?> FindRefusalAsync(ClientConnection connection, SubscriptionPlan plan)
    {
        var rule = await permissions.CanSubscribeAsync(connection.Principal, plan.Channel);
        if (rule.IsAllowed())
        {
            return null;
        }

        connection.Services.Metrics.Denied(rule, AccessAction.Subscribe);
        return AccessError.Of(rule, plan.Channel.Name);
    }

    private async ValueTask<(SubscribeResult Result, ErrorCode? Error)> ReadMissedAsync(ClientConnection connection, Subscription subscription, SubscriptionPlan plan)
    {
        var result = StartOf(plan);
        if (!plan.IsPositioned)
        {
            return (result with { Position = new(0, subscription.Enter()) }, null);
        }

        var history = await MissedHistory.ReadAsync(engine, subscription.Channel, plan.Recovery, options.MaxRecoveredPublications, plan.MetaTtl);
        var recovery = Recovery.Resolve(plan.Recovery, history);
        if (recovery.Error is not null)
        {
            return (result, recovery.Error);
        }

        CountRecovery(connection, plan, recovery);

        subscription.StartAt(recovery.Top, hasNewest: recovery.Recovered);
        return (WithRecovery(result, plan, recovery, connection.Codec), null);
    }

    private static void CountRecovery(ClientConnection connection, SubscriptionPlan plan, RecoveryResult recovery)
    {
        if (recovery.Recovered)
        {
            connection.Services.Metrics.Recovered(recovery.Publications.Count);
        }
        else if (plan.Recovery.Recovers)
        {
            connection.Services.Metrics.Recovered(isComplete: false);
        }
    }

    private static bool TryBegin<TReply>(ClientConnection connection, Subscription subscription, in SubscribeResult result, TReply reply)
        where TReply : struct, ISubscriptionReply
    {
        var message = FrameWriter.Begin();
        if (reply.TryWrite(message, connection.Codec, result))
        {
            return connection.Subscriptions.TryStart(subscription, connection.Complete(message));
        }

        connection.Disconnect(DisconnectCode.InappropriateProtocol);
        return false;
    }

    // It does not begin when the right to it was taken away meanwhile; or perhaps was, and the store did not say.
    private async ValueTask<ErrorCode> FindLossAsync(ClientConnection connection, SubscriptionPlan plan) =>
        connection.IsClosing ? ErrorCode.NotAvailable : await FindRefusalAsync(connection, plan) ?? Lost;

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
