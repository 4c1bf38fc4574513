using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>A call whose parameters have been read already.</summary>
internal delegate ValueTask<ServerApiAnswer> ServerApiCall();

/// <summary>Reads the parameters of a method.</summary>
internal delegate ServerApiCall ServerApiMethod(ServerApiFields fields);

/// <summary>The methods of the server API, by name. docs/reference/server-api.md</summary>
internal sealed class ServerApiMethods(PublishMethods publishing, ChannelMethods channels, ConnectionMethods connections, NodeMethods nodes, MapMethods maps, SharedPollMethods sharedPolls)
{
    // No procedures for back ends are registered.
    private static readonly ErrorCode NoProcedure = ErrorCode.MethodNotFound.Because("not found");

    private readonly FrozenDictionary<string, ServerApiMethod> _methods = new Dictionary<string, ServerApiMethod>(StringComparer.OrdinalIgnoreCase)
    {
        ["publish"] = publishing.Publish,
        ["broadcast"] = publishing.Broadcast,
        ["subscribe"] = connections.Subscribe,
        ["unsubscribe"] = connections.Unsubscribe,
        ["disconnect"] = connections.Disconnect,
        ["refresh"] = connections.Refresh,
        ["presence"] = channels.Presence,
        ["presence_stats"] = channels.PresenceStats,
        ["history"] = channels.History,
        ["history_remove"] = channels.HistoryRemove,
        ["channels"] = nodes.Channels,
        ["info"] = nodes.Info,
        ["shared_poll_publish"] = sharedPolls.Publish,
        ["rpc"] = CallProcedure,
        ["map_publish"] = maps.Publish,
        ["map_remove"] = maps.Remove,
        ["map_read_state"] = maps.ReadState,
        ["map_read_stream"] = maps.ReadStream,
        ["map_stats"] = maps.Stats,
        ["map_clear"] = maps.Clear,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The numbers that methods had before they had names: their indexes here.</summary>
    private static readonly string[] Numbered =
    [
        "publish", "broadcast", "unsubscribe", "disconnect", "presence", "presence_stats", "history", "history_remove", "channels", "info", "rpc", "subscribe", "refresh",
    ];

    /// <returns>Null when no method had the number.</returns>
    public static string? NameOf(int number) => number >= 0 && number < Numbered.Length ? Numbered[number] : null;

    public IReadOnlyDictionary<string, ServerApiMethod> All => _methods;

    /// <param name="name">Case-insensitive.</param>
    public bool TryFind(string name, [NotNullWhen(true)] out ServerApiMethod? method) => _methods.TryGetValue(name, out method);

    /// <summary>Carries out one call of several: an unavailable store is an error of this call only.</summary>
    public static async ValueTask<ServerApiAnswer> TryAsync(ServerApiCall call)
    {
        try
        {
            return await call();
        }
        catch (StoreUnavailableException exception)
        {
            // Logged by the store: once, not for each call.
            return ErrorCode.Internal.Because(exception.Problem);
        }
    }

    private static ServerApiCall CallProcedure(ServerApiFields fields)
    {
        _ = fields.Text("method");
        return () => new(NoProcedure);
    }
}
