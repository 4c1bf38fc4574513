using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.SharedPolls;

namespace ClawEvents.Broker.Commands;

/// <summary>Tracks keys of a shared poll for a client, and untracks them. docs/reference/protocol.md#sub_refresh</summary>
internal sealed class TrackHandler(TrackSignatures signatures, TimeProvider time)
{
    private static readonly ErrorCode NothingToTrack = ErrorCode.BadRequest.Because("bad request: track needs batches with items");
    private static readonly ErrorCode NothingToUntrack = ErrorCode.BadRequest.Because("bad request: untrack needs keys");
    private static readonly ErrorCode BadKey = ErrorCode.BadRequest.Because("bad request: a key is not empty and has no NUL character");
    private static readonly ErrorCode BadSignature = ErrorCode.PermissionDenied.Because("permission denied: the signature is not valid for these keys, this channel and this user");

    /// <param name="keys">Also those to untrack: of signed batches the client may want some no longer. Null: none came.</param>
    public void Track(ClientConnection connection, uint id, SharedPollSubscription subscription, TrackedKeys? keys)
    {
        if (!TryRead(connection, subscription, keys ?? new(), out var wanted, out var expiresAt, out var error))
        {
            connection.SendError(id, error, subscription.Channel);
            return;
        }

        connection.Subscriptions.EndTracking(subscription.Untrack(keys?.Untracked ?? []));
        if (!subscription.TryTrack(wanted, out var tracked, out error))
        {
            connection.SendError(id, error, subscription.Channel);
            return;
        }

        connection.Subscriptions.StartTracking(tracked, Reply(connection, id, SecondsLeft(expiresAt)));
        subscription.AskFor(tracked);
    }

    public static void Untrack(ClientConnection connection, uint id, SharedPollSubscription subscription, TrackedKeys? keys)
    {
        if (keys is not { Untracked.Count: > 0 })
        {
            connection.SendError(id, NothingToUntrack, subscription.Channel);
            return;
        }

        connection.Subscriptions.EndTracking(subscription.Untrack(keys.Untracked));
        connection.Send(Reply(connection, id, 0));
    }

    // All batches are valid, or none counts.
    private bool TryRead(
        ClientConnection connection, SharedPollSubscription subscription, TrackedKeys keys, out IReadOnlyList<KeyToTrack> wanted, out long expiresAt, out ErrorCode error)
    {
        var byKey = new Dictionary<string, KeyToTrack>(StringComparer.Ordinal);
        (wanted, expiresAt, error) = ([], 0, NothingToTrack);
        foreach (var batch in keys.Batches)
        {
            if (Refuse(connection, subscription, batch, out var end) is { } refusal)
            {
                error = refusal;
                return false;
            }

            expiresAt = expiresAt == 0 || (end > 0 && end < expiresAt) ? end : expiresAt;
            foreach (var item in batch.Items)
            {
                byKey[item.Key] = new(item.Key, item.Version, end);
            }
        }

        var hasKeys = byKey.Count > 0;
        keys.Untracked.ForEach(key => byKey.Remove(key));
        wanted = [.. byKey.Values];
        return hasKeys;
    }

    private ErrorCode? Refuse(ClientConnection connection, SharedPollSubscription subscription, TrackBatch batch, out long expiresAt)
    {
        expiresAt = 0;
        return batch.Items.Exists(item => item.Key.Length == 0 || item.Key.Contains('\0')) ? BadKey
            : signatures.Verify(batch, subscription.Channel.Value, connection.Principal.Name, out expiresAt) switch
            {
                TrackSignatureStatus.Valid => null,
                TrackSignatureStatus.Expired => ErrorCode.TokenExpired,
                _ => BadSignature,
            };
    }

    // A client renews what has a time to live, also within the grace of what has just expired.
    private long SecondsLeft(long expiresAt) => expiresAt == 0 ? 0 : Math.Max(1, expiresAt - time.GetUtcNow().ToUnixTimeSeconds());

    private static ReadOnlySpan<byte> Reply(ClientConnection connection, uint id, long timeToLiveSeconds)
    {
        var reply = FrameWriter.Begin();

        // Without values there is nothing that an encoding could not hold.
        _ = connection.Codec.TryWriteSubscriptionRefreshed(reply, id, new(timeToLiveSeconds));
        return connection.Complete(reply);
    }
}
