using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Grpc.Messages;

namespace ClawEvents.Broker.Grpc;

/// <summary>The parameters in the requests of the server API, under the names that they have in JSON. Pure.</summary>
internal static class RequestReading
{
    public static MessageFields FieldsOf(PublishRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["data"] = request.Data,
        ["b64data"] = request.B64Data,
        ["skip_history"] = request.SkipHistory,
        ["tags"] = request.Tags,
        ["idempotency_key"] = request.IdempotencyKey,
        ["delta"] = request.Delta,
        ["version"] = request.Version,
        ["version_epoch"] = request.VersionEpoch,
    };

    public static MessageFields FieldsOf(BroadcastRequest request) => new()
    {
        ["channels"] = request.Channels,
        ["data"] = request.Data,
        ["b64data"] = request.B64Data,
        ["skip_history"] = request.SkipHistory,
        ["tags"] = request.Tags,
        ["idempotency_key"] = request.IdempotencyKey,
        ["delta"] = request.Delta,
        ["version"] = request.Version,
        ["version_epoch"] = request.VersionEpoch,
    };

    public static MessageFields FieldsOf(SubscribeRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["user"] = request.User,
        ["client"] = request.Client,
        ["session"] = request.Session,
        ["expire_at"] = request.ExpireAt,
        ["info"] = request.Info,
        ["b64info"] = request.B64Info,
        ["data"] = request.Data,
        ["b64data"] = request.B64Data,
        ["recover_since"] = FieldsOf(request.RecoverSince),
        Override = OverridesOf(request.Override),
    };

    public static MessageFields FieldsOf(UnsubscribeRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["user"] = request.User,
        ["client"] = request.Client,
        ["session"] = request.Session,
    };

    public static MessageFields FieldsOf(DisconnectRequest request) => new()
    {
        ["user"] = request.User,
        ["client"] = request.Client,
        ["session"] = request.Session,
        ["whitelist"] = request.Whitelist,
        ["disconnect"] = request.Disconnect is { } code ? new MessageFields { ["code"] = code.Code, ["reason"] = code.Reason } : null,
    };

    public static MessageFields FieldsOf(RefreshRequest request) => new()
    {
        ["user"] = request.User,
        ["client"] = request.Client,
        ["session"] = request.Session,
        ["expired"] = request.Expired,
        ["expire_at"] = request.ExpireAt,
        ["info"] = request.Info,
    };

    public static MessageFields FieldsOf(PresenceRequest request) => new() { ["channel"] = request.Channel };

    public static MessageFields FieldsOf(PresenceStatsRequest request) => new() { ["channel"] = request.Channel };

    public static MessageFields FieldsOf(HistoryRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["limit"] = request.Limit,
        ["since"] = FieldsOf(request.Since),
        ["reverse"] = request.Reverse,
    };

    public static MessageFields FieldsOf(HistoryRemoveRequest request) => new() { ["channel"] = request.Channel };

    public static MessageFields FieldsOf(ChannelsRequest request) => new() { ["pattern"] = request.Pattern };

    public static MessageFields FieldsOf(MapPublishRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["key"] = request.Key,
        ["data"] = request.Data,
        ["b64data"] = request.B64Data,
        ["stream_data"] = request.StreamData,
        ["b64stream_data"] = request.B64StreamData,
        ["tags"] = request.Tags,
        ["idempotency_key"] = request.IdempotencyKey,
        ["delta"] = request.Delta,
        ["version"] = request.Version,
        ["version_epoch"] = request.VersionEpoch,
        ["score"] = request.Score,
        ["key_mode"] = request.KeyMode,
    };

    public static MessageFields FieldsOf(MapRemoveRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["key"] = request.Key,
        ["idempotency_key"] = request.IdempotencyKey,
    };

    public static MessageFields FieldsOf(MapReadStateRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["cursor"] = request.Cursor,
        ["limit"] = request.Limit,
        ["key"] = request.Key,
        ["asc"] = request.Asc,
        ["revision_offset"] = request.RevisionOffset,
        ["revision_epoch"] = request.RevisionEpoch,
    };

    public static MessageFields FieldsOf(MapReadStreamRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["since_offset"] = request.SinceOffset,
        ["since_epoch"] = request.SinceEpoch,
        ["limit"] = request.Limit,
        ["reverse"] = request.Reverse,
    };

    public static MessageFields FieldsOf(MapStatsRequest request) => new() { ["channel"] = request.Channel };

    public static MessageFields FieldsOf(MapClearRequest request) => new() { ["channel"] = request.Channel };

    public static MessageFields FieldsOf(RPCRequest request) => new() { ["method"] = request.Method, ["params"] = request.Params };

    public static MessageFields FieldsOf(SharedPollPublishRequest request) => new()
    {
        ["channel"] = request.Channel,
        ["key"] = request.Key,
        ["data"] = request.Data,
        ["b64data"] = request.B64Data,
        ["version"] = request.Version,
        ["epoch"] = request.Epoch,
    };

    /// <summary>The call in a command of a batch.</summary>
    /// <returns>Null when the command has none, or that of a method which is not here.</returns>
    public static (string Method, MessageFields Fields)? CallIn(Command command) => command switch
    {
        { Publish: { } request } => ("publish", FieldsOf(request)),
        { Broadcast: { } request } => ("broadcast", FieldsOf(request)),
        { Subscribe: { } request } => ("subscribe", FieldsOf(request)),
        { Unsubscribe: { } request } => ("unsubscribe", FieldsOf(request)),
        { Disconnect: { } request } => ("disconnect", FieldsOf(request)),
        { Presence: { } request } => ("presence", FieldsOf(request)),
        { PresenceStats: { } request } => ("presence_stats", FieldsOf(request)),
        { History: { } request } => ("history", FieldsOf(request)),
        { HistoryRemove: { } request } => ("history_remove", FieldsOf(request)),
        { Info: not null } => ("info", new()),
        { Rpc: { } request } => ("rpc", FieldsOf(request)),
        { Refresh: { } request } => ("refresh", FieldsOf(request)),
        { Channels: { } request } => ("channels", FieldsOf(request)),
        { MapPublish: { } request } => ("map_publish", FieldsOf(request)),
        { MapRemove: { } request } => ("map_remove", FieldsOf(request)),
        { MapReadState: { } request } => ("map_read_state", FieldsOf(request)),
        { MapReadStream: { } request } => ("map_read_stream", FieldsOf(request)),
        { MapStats: { } request } => ("map_stats", FieldsOf(request)),
        { MapClear: { } request } => ("map_clear", FieldsOf(request)),
        { SharedPollPublish: { } request } => ("shared_poll_publish", FieldsOf(request)),
        _ => null,
    };

    private static MessageFields? FieldsOf(Messages.StreamPosition? position) =>
        position is null ? null : new() { ["offset"] = position.Offset, ["epoch"] = position.Epoch };

    private static OptionOverrides OverridesOf(SubscribeOptionOverride? given) => given is null ? default : new(
        Presence: given.Presence?.Value,
        JoinLeave: given.JoinLeave?.Value,
        ForcePushJoinLeave: given.ForcePushJoinLeave?.Value,
        ForceRecovery: given.ForceRecovery?.Value,
        ForcePositioning: given.ForcePositioning?.Value);
}
