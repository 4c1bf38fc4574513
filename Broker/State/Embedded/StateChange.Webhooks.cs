using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State.Embedded;

// Changes of webhooks. An offset and a key's first bytes fill 64 bits: SQLite's integers hold them with a sign.
internal sealed partial class StateChange
{
    private const string Progress = "epoch = $epoch, position = $position, failing_since = $failing, fault = $fault, paused_by = $by, paused_at = $at";

    private static readonly string OfWebhook = RowChecksum.Of(
        "webhooks", "$id", "$owner", "$channel", "$url", "$secret", "$created", "$key", "$issued", "$epoch", "$position", "$failing", "$fault", "$by", "$at");

    private static readonly string OfSecret = RowChecksum.Of(
        "webhooks", "id", "owner", "channel", "url", "$secret", "created_at", "token_key", "token_issued", "epoch", "position", "failing_since", "fault", "paused_by", "paused_at");

    private static readonly string OfResumed = RowChecksum.Of(
        "webhooks", "id", "owner", "channel", "url", "secret", "created_at", "$key", "$issued", "epoch", "position", "0", "NULL", "NULL", "0");

    private static readonly string OfProgress = RowChecksum.Of(
        "webhooks", "id", "owner", "channel", "url", "secret", "created_at", "token_key", "token_issued", "$epoch", "$position", "$failing", "$fault", "$by", "$at");

    public static StateChange AddWebhook(Webhook webhook, int maxOfOwner, int maxInAll) => new(
        $"""
        INSERT INTO webhooks (id, owner, channel, url, secret, created_at, token_key, token_issued, epoch, position, failing_since, fault, paused_by, paused_at, checksum)
        SELECT $id, $owner, $channel, $url, $secret, $created, $key, $issued, $epoch, $position, $failing, $fault, $by, $at, {OfWebhook}
        WHERE (SELECT count(*) FROM webhooks WHERE owner = $owner) < $max_of_owner AND (SELECT count(*) FROM webhooks) < $max
        """,
        tables => tables.Webhooks.TryAdd(webhook),
        [
            ("$id", webhook.Id),
            ("$owner", webhook.Owner),
            ("$channel", webhook.Channel.Value),
            ("$url", webhook.Url),
            ("$secret", webhook.Secret),
            ("$created", webhook.CreatedAt),
            .. Of(webhook.Token),
            .. Of(webhook.Progress),
            ("$max_of_owner", maxOfOwner),
            ("$max", maxInAll),
        ]);

    public static StateChange RemoveWebhook(string id, string owner) => new(
        "DELETE FROM webhooks WHERE id = $id AND owner = $owner",
        tables => tables.Webhooks.TryRemove(id, owner),
        ("$id", id),
        ("$owner", owner));

    public static StateChange SetWebhookSecret(string id, string owner, string secret) => new(
        $"UPDATE webhooks SET secret = $secret, checksum = {OfSecret} WHERE id = $id AND owner = $owner",
        tables => tables.Webhooks.TrySetSecret(id, owner, secret),
        ("$id", id),
        ("$owner", owner),
        ("$secret", secret));

    public static StateChange ResumeWebhook(string id, string owner, TokenStamp token) => new(
        $"""
        UPDATE webhooks SET token_key = $key, token_issued = $issued, failing_since = 0, fault = NULL, paused_by = NULL, paused_at = 0, checksum = {OfResumed}
        WHERE id = $id AND owner = $owner
        """,
        tables => tables.Webhooks.TryResume(id, owner, token),
        [("$id", id), ("$owner", owner), .. Of(token)]);

    public static StateChange SaveWebhook(string id, WebhookProgress progress) => new(
        $"UPDATE webhooks SET {Progress}, checksum = {OfProgress} WHERE id = $id",
        tables => tables.Webhooks.TrySave(id, progress),
        [("$id", id), .. Of(progress)]);

    private static (string Name, object? Value)[] Of(TokenStamp token) => [("$key", unchecked((long)token.Key)), ("$issued", token.IssuedAt)];

    private static (string Name, object? Value)[] Of(WebhookProgress progress) =>
    [
        ("$epoch", progress.Cursor.Epoch),
        ("$position", unchecked((long)progress.Cursor.Offset)),
        ("$failing", progress.FailingSince),
        ("$fault", progress.Fault),
        ("$by", progress.PausedBy),
        ("$at", progress.PausedAt),
    ];
}
