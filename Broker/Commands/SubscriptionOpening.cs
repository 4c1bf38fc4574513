using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>What lies between a pending subscription and its reply, whoever makes it: the history that was missed, and presence.</summary>
internal sealed class SubscriptionOpening(IChannelEngine engine, Attendance attendance, TimeProvider time)
{
    /// <summary>Finds out what the client is to be told.</summary>
    /// <param name="connection">Whose it is.</param>
    /// <param name="subscription">Made by the plan, allowed, pending, in the hub.</param>
    /// <param name="plan">What it is going to be.</param>
    /// <returns>The reply, or the error that it is refused with. In that case, and when this throws, see <see cref="AbandonAsync"/>.</returns>
    public async ValueTask<(SubscribeResult Result, ErrorCode? Error)> PrepareAsync(
        ClientConnection connection, Subscription subscription, SubscriptionPlan plan)
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
        if (plan.IsPositioned)
        {
            var history = await engine.ReadHistoryAsync(subscription.Channel, Recovery.FilterFor(plan.Recovery), plan.MetaTtl);
            var recovery = Recovery.Resolve(plan.Recovery, history);
            if (recovery.Error is not null)
            {
                return (result, recovery.Error);
            }

            subscription.StartAt(recovery.Top, hasNewest: recovery.Recovered);
            result = Tell(result, plan, recovery, connection.Codec);
        }

        await attendance.ArriveAsync(connection, subscription);
        return (result, null);
    }

    /// <summary>Tells the others, after the client has been told.</summary>
    public ValueTask AnnounceAsync(ClientConnection connection, Subscription subscription) => attendance.AnnounceAsync(connection, subscription);

    /// <summary>Takes a subscription back that did not begin.</summary>
    public ValueTask AbandonAsync(ClientConnection connection, Subscription subscription)
    {
        connection.Subscriptions.Abandon(subscription);
        return attendance.WithdrawAsync(connection, subscription);
    }

    private static SubscribeResult Tell(in SubscribeResult result, in SubscriptionPlan plan, in RecoveryResult recovery, MessageCodec codec)
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
