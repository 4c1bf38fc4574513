using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>The webhooks in Redis, where the nodes divide them among themselves.</summary>
/// <remarks>
/// Thread-safe. What an owner sets and what deliveries reach are two keys, so that changes of the first are heard by all nodes and those of the second by
/// none. Nothing is kept in memory here: nodes ask when they hear of a change.
/// </remarks>
internal sealed partial class RedisWebhooks(RedisConnection redis, IChangeFeed feed, ILogger logger) : IWebhookStore
{
    private const int BatchSize = 100;
    private const string NoText = "";

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public long Continuity => feed.Continuity;

    /// <summary>Called when the terms of a webhook were changed by anybody.</summary>
    public void OnChanged(string id) => Changed?.Invoke(id);

    public async ValueTask<bool> TryAddAsync(Webhook webhook, int maxOfOwner, int maxInAll)
    {
        var terms = FieldsOf(webhook);
        return (bool)await redis.RunAsync(
            WebhookScripts.Add,
            [RedisKeys.WebhookTerms(webhook.Id), RedisKeys.WebhookProgress(webhook.Id), RedisKeys.Webhooks, RedisKeys.WebhooksOf(webhook.Owner)],
            [maxOfOwner, maxInAll, webhook.Id, terms.Length, .. terms, .. FieldsOf(webhook.Progress)]);
    }

    public async ValueTask<Webhook?> GetAsync(string id) => await ReadAsync([id]) is [var webhook] ? webhook : null;

    public async ValueTask<IReadOnlyList<Webhook>> GetOfOwnerAsync(string owner)
    {
        var ids = await IdsAsync(RedisKeys.WebhooksOf(owner));
        var found = await ReadAsync(ids);
        return [.. found.OrderBy(webhook => webhook.CreatedAt).ThenBy(webhook => webhook.Id, StringComparer.Ordinal)];
    }

    public async ValueTask<IReadOnlyList<Webhook>> GetOfSharesAsync(IReadOnlySet<int> shares) =>
        await ReadAsync([.. (await IdsAsync(RedisKeys.Webhooks)).Where(id => shares.Contains(Webhook.ShareOf(id)))]);

    public async ValueTask<bool> TryRemoveAsync(string id, string owner) => (bool)await redis.RunAsync(
        WebhookScripts.Remove, [RedisKeys.WebhookTerms(id), RedisKeys.WebhookProgress(id), RedisKeys.Webhooks, RedisKeys.WebhooksOf(owner)], owner, id);

    public async ValueTask<bool> TrySetSecretAsync(string id, string owner, string secret) =>
        (bool)await redis.RunAsync(WebhookScripts.SetSecret, [RedisKeys.WebhookTerms(id)], owner, secret);

    public async ValueTask<bool> TryResumeAsync(string id, string owner, TokenStamp token) => (bool)await redis.RunAsync(
        WebhookScripts.Resume, [RedisKeys.WebhookTerms(id), RedisKeys.WebhookProgress(id)], owner, Text(token.Key), token.IssuedAt);

    public async ValueTask<WebhookShares> RenewLeasesAsync(string node, TimeSpan life)
    {
        var answer = (long[])(await redis.RunAsync(
            WebhookScripts.RenewLeases, [RedisKeys.WebhookLeases, RedisKeys.Webhooks], node, (long)life.TotalMilliseconds, Webhook.Shares))!;
        return new([.. answer.Skip(1).Chunk(2).Select(pair => new WebhookLease(node, (int)pair[0], pair[1]))], (int)answer[0]);
    }

    public async ValueTask ReleaseAsync(string node, IReadOnlyList<int> shares, bool isLeaving) => await redis.RunAsync(
        WebhookScripts.ReleaseLeases, [RedisKeys.WebhookLeases], [node, isLeaving, .. shares.Select(share => (RedisValue)share)]);

    public async ValueTask<bool> TrySaveAsync(string id, WebhookProgress progress, WebhookLease lease) => (bool)await redis.RunAsync(
        WebhookScripts.Save,
        [RedisKeys.WebhookLeases, RedisKeys.WebhookTerms(id), RedisKeys.WebhookProgress(id)],
        [lease.Node, lease.Share, lease.Fence, .. FieldsOf(progress)]);

    private async Task<string[]> IdsAsync(RedisKey key) =>
        [.. (await redis.AskAsync(database => database.SetMembersAsync(key))).Select(id => (string)id!).Where(Webhook.IsId)];

    private async Task<List<Webhook>> ReadAsync(string[] ids)
    {
        var found = new List<Webhook>(ids.Length);
        foreach (var batch in ids.Chunk(BatchSize))
        {
            var rows = (RedisResult[])(await redis.RunAsync(
                WebhookScripts.Read, [.. batch.SelectMany(id => new[] { RedisKeys.WebhookTerms(id), RedisKeys.WebhookProgress(id) })]))!;
            found.AddRange(batch.Select((id, i) => TryRead(id, (RedisValue[])rows[2 * i]!, (RedisValue[])rows[(2 * i) + 1]!)).OfType<Webhook>());
        }

        return found;
    }

    // One that somebody has spoilt must not stop the others.
    private Webhook? TryRead(string id, RedisValue[] terms, RedisValue[] progress)
    {
        try
        {
            return Read(id, terms, progress);
        }
        catch (InvalidDataException exception)
        {
            Log.LeftOut(logger, id, exception.Message);
            return null;
        }
    }

    // Null when there is none (any more).
    private static Webhook? Read(string id, RedisValue[] terms, RedisValue[] progress)
    {
        if (terms[0].IsNull || progress[0].IsNull)
        {
            return null;
        }

        try
        {
            return new(id, terms[0]!, ChannelName.TryParse((string)terms[1]!, out var channel) ? channel : throw new FormatException(), terms[2]!)
            {
                Secret = terms[3]!,
                CreatedAt = Number(terms[4]),
                Token = new(ulong.Parse((string)terms[5]!, CultureInfo.InvariantCulture), Number(terms[6])),
                Progress = new(new(ulong.Parse((string)progress[1]!, CultureInfo.InvariantCulture), progress[0]!))
                {
                    FailingSince = Number(progress[2]),
                    Fault = TextOrNull(progress[3]),
                    PausedBy = TextOrNull(progress[4]),
                    PausedAt = Number(progress[5]),
                },
            };
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentNullException)
        {
            throw new InvalidDataException($"a value of '{RedisKeys.WebhookTerms(id)}' or '{RedisKeys.WebhookProgress(id)}' in Redis is malformed (docs/reference/redis-keys.md)", exception);
        }
    }

    private static long Number(RedisValue value) => long.Parse((string)value!, CultureInfo.InvariantCulture);

    private static string? TextOrNull(RedisValue value) => (string?)value is { Length: > 0 } text ? text : null;

    private static RedisValue[] FieldsOf(Webhook webhook) =>
    [
        "owner", webhook.Owner, "channel", webhook.Channel.Value, "url", webhook.Url, "secret", webhook.Secret, "created", webhook.CreatedAt,
        "token_key", Text(webhook.Token.Key), "token_issued", webhook.Token.IssuedAt,
    ];

    private static RedisValue[] FieldsOf(WebhookProgress progress) =>
    [
        "epoch", progress.Cursor.Epoch, "offset", Text(progress.Cursor.Offset), "failing", progress.FailingSince, "fault", progress.Fault ?? NoText,
        "paused_by", progress.PausedBy ?? NoText, "paused_at", progress.PausedAt,
    ];

    // Redis's own numbers have a sign.
    private static RedisValue Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "The webhook {Webhook} is left out: {Problem}")]
        public static partial void LeftOut(ILogger logger, string webhook, string problem);
    }
}
