using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Proxies;

/// <summary>Reads what back ends answer. Pure. docs/reference/proxies.md#answers</summary>
/// <remarks>An answer that is half understood is a fault as a whole: a permission must not rest on it.</remarks>
internal static class ProxyAnswerReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    /// <remarks>Without a result nobody is named: the outcome has none either.</remarks>
    public static ProxyOutcome<ConnectAnswer> Connect(ReadOnlyMemory<byte> body) => Answer(body, ReadConnect, none: null);

    /// <remarks>Without a result the time is over.</remarks>
    public static ProxyOutcome<RefreshAnswer> Refresh(ReadOnlyMemory<byte> body) => Answer(body, ReadRefresh, RefreshAnswer.Expired);

    /// <remarks>Without a result it is allowed as the namespace has it.</remarks>
    public static ProxyOutcome<SubscriptionGrant> Subscribe(ReadOnlyMemory<byte> body, string channel) =>
        Answer(body, result => SubscriptionGrants.TryReadOne(result, channel, out var grant) ? grant : null, new SubscriptionGrant(channel));

    /// <inheritdoc cref="Subscribe"/>
    public static ProxyOutcome<PublishAnswer> Publish(ReadOnlyMemory<byte> body) => Answer(body, ReadPublish, PublishAnswer.AsItCame);

    /// <remarks>Without a result it returns nothing.</remarks>
    public static ProxyOutcome<CallResult> Rpc(ReadOnlyMemory<byte> body) =>
        Answer(body, result => result.TryGetBytes("data", out var data) ? new CallResult(data) : null, new CallResult(default));

    private static ProxyOutcome<T> Answer<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T?> read, T? none)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            return document.RootElement.ValueKind is JsonValueKind.Object ? Answer(document.RootElement, read, none) : ProxyOutcome<T>.Fault;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or text with half a surrogate pair, which is no text.
            return ProxyOutcome<T>.Fault;
        }
    }

    private static ProxyOutcome<T> Answer<T>(JsonElement answer, Func<JsonElement, T?> read, T? none)
        where T : class
    {
        if (Find(answer, "disconnect") is { } disconnect)
        {
            return ReadDisconnect(disconnect) is { } code ? new(null, Disconnect: code) : ProxyOutcome<T>.Fault;
        }

        if (Find(answer, "error") is { } error)
        {
            return ReadError(error) is { } code ? new(null, code) : ProxyOutcome<T>.Fault;
        }

        return Find(answer, "result") is not { } result ? new(none)
            : result.ValueKind is JsonValueKind.Object && read(result) is { } allowed ? new(allowed)
            : ProxyOutcome<T>.Fault;
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
