using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Proxies;

/// <summary>Reads the answers of back ends. Pure. docs/reference/proxies.md#answers</summary>
/// <remarks>A malformed answer is read as null. One that is malformed in part is malformed as a whole: a permission must not rest on it.</remarks>
internal static class ProxyAnswerReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    /// <remarks>Undecided without a result: the back end names nobody.</remarks>
    public static Outcome<ConnectAnswer>? Connect(ReadOnlyMemory<byte> body) => Answer(body, ReadConnect, Outcome<ConnectAnswer>.Undecided);

    /// <remarks>Without a result, the connection or subscription has expired.</remarks>
    public static Outcome<RefreshAnswer>? Refresh(ReadOnlyMemory<byte> body) => Answer(body, ReadRefresh, Outcome<RefreshAnswer>.Of(RefreshAnswer.Expired));

    /// <remarks>Without a result, it is allowed with the options of the namespace.</remarks>
    public static Outcome<AllowedSubscription>? Subscribe(ReadOnlyMemory<byte> body, string channel) =>
        Answer(body, result => SubscriptionGrants.TryReadOne(result, channel, out var grant) ? grant : null, Outcome<AllowedSubscription>.Of(new(channel)));

    /// <inheritdoc cref="Subscribe"/>
    public static Outcome<PublishAnswer>? Publish(ReadOnlyMemory<byte> body) => Answer(body, ReadPublish, Outcome<PublishAnswer>.Of(PublishAnswer.AsItCame));

    /// <inheritdoc cref="Subscribe"/>
    public static Outcome<MapPublishAnswer>? MapPublish(ReadOnlyMemory<byte> body) => Answer(body, ReadMapPublish, Outcome<MapPublishAnswer>.Of(MapPublishAnswer.AsItCame));

    /// <inheritdoc cref="Subscribe"/>
    public static Outcome<MapRemoveAnswer>? MapRemove(ReadOnlyMemory<byte> body) => Answer(body, ReadMapRemove, Outcome<MapRemoveAnswer>.Of(MapRemoveAnswer.AsItCame));

    /// <remarks>Without a result, the call returns nothing.</remarks>
    public static Outcome<CallResult>? Rpc(ReadOnlyMemory<byte> body) =>
        Answer(body, result => result.TryGetBytes("data", out var data) ? new CallResult(data) : null, Outcome<CallResult>.Of(new(default)));

    /// <remarks>Without a result, nothing has changed.</remarks>
    public static Outcome<PollAnswer>? Poll(ReadOnlyMemory<byte> body) => Answer(body, ReadPoll, Outcome<PollAnswer>.Of(PollAnswer.Nothing));

    private static Outcome<T>? Answer<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T?> read, Outcome<T> withoutResult)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            return document.RootElement.ValueKind is JsonValueKind.Object ? Answer(document.RootElement, read, withoutResult) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a string with half a surrogate pair, which is not text.
            return null;
        }
    }

    private static Outcome<T>? Answer<T>(JsonElement answer, Func<JsonElement, T?> read, Outcome<T> withoutResult)
        where T : class
    {
        if (Find(answer, "disconnect") is { } disconnect)
        {
            return ReadDisconnect(disconnect) is { } code ? Outcome<T>.Disconnected(code) : null;
        }

        if (Find(answer, "error") is { } error)
        {
            return ReadError(error) is { } code ? Outcome<T>.Refused(code) : null;
        }

        return Find(answer, "result") is not { } result ? withoutResult
            : result.ValueKind is JsonValueKind.Object && read(result) is { } allowed ? Outcome<T>.Of(allowed)
            : null;
    }

    private static JsonElement? Find(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    private static ErrorCode? ReadError(JsonElement error) =>
        error.ValueKind is JsonValueKind.Object
        && error.TryGetWhole("code", out var code)
        && error.TryGetText("message", out var message)
        && error.TryGetFlag("temporary", out var isTemporary)
            ? ErrorCode.Custom((long)Math.Min(code, long.MaxValue), message, isTemporary)
            : null;

    private static DisconnectCode? ReadDisconnect(JsonElement disconnect) =>
        disconnect.ValueKind is JsonValueKind.Object && disconnect.TryGetWhole("code", out var code) && disconnect.TryGetText("reason", out var reason)
            ? DisconnectCode.Custom((long)Math.Min(code, long.MaxValue), reason)
            : null;

    private static ConnectAnswer? ReadConnect(JsonElement result) =>
        result.TryGetText("user", out var user)
        && result.TryGetEnd(out var end)
        && result.TryGetBytes("info", out var info)
        && result.TryGetBytes("data", out var data)
        && TryGetMeta(result, out var meta)
        && SubscriptionGrants.TryRead(result, out var subscriptions)
            ? new(new ConnectionIdentity(Principal.Of(user), end) { Info = info, Meta = meta, Subscriptions = subscriptions }, data)
            : null;

    private static RefreshAnswer? ReadRefresh(JsonElement result) =>
        result.TryGetFlag("expired", out var isExpired)
        && result.TryGetEnd(out var end)
        && result.TryGetBytes("info", out var info)
        && TryGetMeta(result, out var meta)
            ? new(isExpired, end) { Info = info, Meta = meta }
            : null;

    private static PublishAnswer? ReadPublish(JsonElement result) =>
        result.TryGetBytes("data", out var data)
        && result.TryGetFlag("skip_history", out var skipsHistory)
        && result.TryGetTags(out var tags)
        && result.TryGetText("idempotency_key", out var key)
        && result.TryGetFlag("delta", out var wantsDelta)
        && result.TryGetWhole("version", out var version)
        && result.TryGetText("version_epoch", out var epoch)
        && key.Length <= ProtocolLimits.MaxPublicationKeyLength
        && epoch.Length <= ProtocolLimits.MaxPublicationKeyLength
            ? new(new Publication(data, Tags: tags), new PublishOptions
            {
                SkipHistory = skipsHistory,
                IdempotencyKey = key.Length > 0 ? key : null,
                Delta = wantsDelta,
                Version = version,
                VersionEpoch = epoch.Length > 0 ? epoch : null,
            })
            : null;

    private static MapPublishAnswer? ReadMapPublish(JsonElement result) =>
        ReadPublish(result) is { } publish
        && result.TryGetText("key", out var key)
        && result.TryGetNumber("score", out var score)
        && result.TryGetText("key_mode", out var word)
        && KeyModes.Parse(word) is { } mode
        && result.TryGetBytes("stream_data", out var streamData)
            ? new(publish, key) { Score = score, KeyMode = mode, StreamData = streamData.IsEmpty ? (ReadOnlyMemory<byte>?)null : streamData }
            : null;

    private static MapRemoveAnswer? ReadMapRemove(JsonElement result) =>
        result.TryGetText("key", out var key)
        && result.TryGetTags(out var tags)
        && result.TryGetText("idempotency_key", out var once)
        && once.Length <= ProtocolLimits.MaxPublicationKeyLength
            ? new(key, tags, once.Length > 0 ? once : null)
            : null;

    private static PollAnswer? ReadPoll(JsonElement result)
    {
        var values = new List<PolledValue>();
        if (!result.TryGetText("epoch", out var epoch) || Find(result, "items") is { ValueKind: not JsonValueKind.Array })
        {
            return null;
        }

        foreach (var item in Find(result, "items")?.EnumerateArray() ?? default)
        {
            if (ReadValue(item) is not { } value)
            {
                return null;
            }

            values.Add(value);
        }

        return new(values, epoch);
    }

    private static PolledValue? ReadValue(JsonElement item) =>
        item.ValueKind is JsonValueKind.Object
        && item.TryGetText("key", out var key)
        && item.TryGetBytes("data", out var data)
        && item.TryGetWhole("version", out var version)
        && item.TryGetFlag("removed", out var isRemoved)
        && item.TryGetBytes("prev_data", out var previous)
            ? new(key, data, version, isRemoved, previous)
            : null;

    private static bool TryGetMeta(JsonElement result, out ReadOnlyMemory<byte> meta)
    {
        meta = default;
        if (Find(result, "meta") is not { } value)
        {
            return true;
        }

        meta = Encoding.UTF8.GetBytes(value.GetRawText());
        return value.ValueKind is JsonValueKind.Object;
    }
}
