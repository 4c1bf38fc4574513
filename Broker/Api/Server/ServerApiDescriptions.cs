using System.Collections.Frozen;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api.Server;

/// <summary>Descriptions of the server API's paths, for callers.</summary>
internal static class ServerApiDescriptions
{
    private const string Group = "Server API";

    private static readonly ApiField Result = ApiField.Object("result").Optional();
    private static readonly ApiField Error = ApiField.Object("error").Optional();

    private static readonly ApiField[] Publication =
    [
        ApiField.Any("data", "the payload, delivered unchanged").Optional(),
        ApiField.Text("b64data", "any bytes in base64, instead of data").Optional(),
        ApiField.Object("tags", "texts").Optional(),
        ApiField.Flag("skip_history").Optional(),
        ApiField.Text("idempotency_key", "valid for five minutes").Optional(),
        ApiField.Flag("delta").Optional(),
        ApiField.Number("version").Optional(),
        ApiField.Text("version_epoch").Optional(),
    ];

    private static readonly ApiField[] Whom =
    [
        ApiField.Text("user", "empty: anonymous clients").Optional(),
        ApiField.Text("client", "one connection of the user").Optional(),
        ApiField.Text("session", "one connection of the user").Optional(),
    ];

    private static readonly ApiField Key = ApiField.Text("key", "at most 1024 bytes");

    private static readonly ApiField[] Info = [ApiField.Any("info").Optional(), ApiField.Text("b64info").Optional()];

    private static readonly FrozenDictionary<string, ApiDescription> Methods = new Dictionary<string, ApiDescription>(StringComparer.Ordinal)
    {
        ["broadcast"] = Of("Publish the same to several channels", [ApiField.List("channels"), .. Publication]),
        ["subscribe"] = Of("Subscribe a user's connections to a channel", [
            ApiField.Channel, .. Whom, .. Info, ApiField.Any("data").Optional(), ApiField.Text("b64data").Optional(), ApiField.Number("expire_at", "seconds since 1970").Optional(),
            ApiField.Object("recover_since").Optional(), ApiField.Object("override").Optional()]),
        ["unsubscribe"] = Of("End a user's subscriptions to a channel", [ApiField.Channel, .. Whom]),
        ["disconnect"] = Of("Close a user's connections", [.. Whom, ApiField.Object("disconnect", "code and reason").Optional(), ApiField.List("whitelist", "connections to leave alone").Optional()]),
        ["refresh"] = Of("Prolong or end a user's connections", [.. Whom, .. Info, ApiField.Flag("expired").Optional(), ApiField.Number("expire_at", "seconds since 1970").Optional()]),
        ["presence"] = Of("List the clients in a channel", [ApiField.Channel]),
        ["presence_stats"] = Of("Count the clients in a channel", [ApiField.Channel]),
        ["history"] = Of("Read a channel's history", [
            ApiField.Channel, ApiField.Number("limit", "0: the position only, below 0: all").Optional(), ApiField.Object("since", "offset and epoch").Optional(), ApiField.Flag("reverse").Optional()]),
        ["history_remove"] = Of("Delete a channel's history", [ApiField.Channel]),
        ["channels"] = Of("List channels with subscribers", [ApiField.Text("pattern", "a glob").Optional()]),
        ["info"] = Of("Describe the nodes; the body is an empty object", []),
        ["shared_poll_publish"] = Of("Publish the value of a key of a shared poll", [
            ApiField.Channel, ApiField.Text("key"), ApiField.Any("data", "the value").Optional(), ApiField.Text("b64data", "any bytes in base64, instead of data").Optional(),
            ApiField.Number("version", "above 0; an older one changes nothing"), ApiField.Text("epoch", "versions of another epoch do not compare").Optional()]),
        ["rpc"] = Of("Call a remote procedure", [ApiField.Text("method").Optional(), ApiField.Any("params").Optional()]),
        ["map_publish"] = Of("Give a key of a map a value", [
            ApiField.Channel, Key, ApiField.Any("data", "the value").Optional(), ApiField.Text("b64data", "any bytes in base64, instead of data").Optional(),
            ApiField.Any("stream_data", "what subscribers get in place of the value").Optional(), ApiField.Text("b64stream_data").Optional(), ApiField.Object("tags", "texts").Optional(),
            ApiField.Text("idempotency_key", "valid for five minutes by default").Optional(), ApiField.Flag("delta").Optional(), ApiField.Number("version", "of the key's value").Optional(),
            ApiField.Text("version_epoch").Optional(), ApiField.Number("score", "what an ordered map is sorted by").Optional(), ApiField.Text("key_mode", "if_new or if_exists").Optional()]),
        ["map_remove"] = Of("Remove a key of a map", [ApiField.Channel, Key, ApiField.Text("idempotency_key", "valid for five minutes by default").Optional()]),
        ["map_read_state"] = Of("Read the keys and values of a map", [
            ApiField.Channel, ApiField.Number("limit", "0: the position only, below 0 or above 1000: 1000").Optional(), ApiField.Text("cursor", "of the page before").Optional(), ApiField.Text("key", "this one only").Optional(),
            ApiField.Flag("asc", "of an ordered map: the lowest score first").Optional(), ApiField.Number("revision_offset").Optional(), ApiField.Text("revision_epoch", "the epoch that the map must have").Optional()]),
        ["map_read_stream"] = Of("Read the changes of a map", [
            ApiField.Channel, ApiField.Number("limit", "0: the position only, below 0 or above 1000: 1000").Optional(), ApiField.Number("since_offset").Optional(), ApiField.Text("since_epoch").Optional(), ApiField.Flag("reverse").Optional()]),
        ["map_stats"] = Of("Count the keys of a map", [ApiField.Channel]),
        ["map_clear"] = Of("Remove all keys of a map", [ApiField.Channel]),
        ["batch"] = new(Group, "Call several methods in one request")
        {
            Caller = ApiCaller.Key,
            MaxBodyBytes = null,
            Body = [ApiField.List("commands", "objects with one field, a method's name with its parameters"), ApiField.Flag("parallel", "in no order").Optional()],
            Answer = [ApiField.List("replies").Optional()],
        },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static ApiDescription Batch => Methods["batch"];

    public static ApiDescription Lines { get; } = new(Group, "Call methods, one JSON object per line")
    {
        Caller = ApiCaller.Key,
        MaxBodyBytes = null,
        Body = [ApiField.Text("method"), ApiField.Object("params").Optional(), ApiField.Number("id", "returned with the answer").Optional()],
        Answer = [ApiField.Number("id").Optional(), Result, Error],
    };

    /// <summary>The description of the path that two APIs share.</summary>
    public static ApiDescription Publish { get; } = new("Channels", "Publish to a channel")
    {
        Caller = ApiCaller.TokenOrKey,
        MaxBodyBytes = null,
        Body = [ApiField.Channel, ApiField.Any("payload", "with a token: the payload, delivered in an envelope that names the sender").Optional(), .. Publication],
        Answer = [ApiField.Ok.Optional(), Result, Error],
        Refusals = [StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests],
    };

    /// <returns>Null when the server API has no path of that name.</returns>
    public static ApiDescription? Find(string name) => Methods.GetValueOrDefault(name);

    private static ApiDescription Of(string summary, IReadOnlyList<ApiField> body) => new(Group, summary) { Caller = ApiCaller.Key, MaxBodyBytes = null, Body = body, Answer = [Result, Error] };
}
