using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>A call whose parameters have been read; it does not look at them again.</summary>
internal delegate ValueTask<ServerApiAnswer> ServerApiCall();

/// <summary>Reads the parameters of a method.</summary>
internal delegate ServerApiCall ServerApiMethod(ServerApiFields fields);

/// <summary>The methods of the server API, by name. docs/reference/server-api.md</summary>
internal sealed class ServerApiMethods(PublishMethods publishing, ChannelMethods channels, ConnectionMethods connections, NodeMethods nodes)
{
    // Nothing is registered that a back end could call.
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
        ["rpc"] = CallProcedure,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The numbers that methods had before they had names: their places here.</summary>
    private static readonly string[] Numbered =
    [
        "publish", "broadcast", "unsubscribe", "disconnect", "presence", "presence_stats", "history", "history_remove", "channels", "info", "rpc", "subscribe", "refresh",
    ];

    /// <returns>Null when no method had the number.</returns>
    public static string? NameOf(int number) => number >= 0 && number < Numbered.Length ? Numbered[number] : null;

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<string, ServerApiMethod> All => _methods;

    /// <param name="name">In any case.</param>
    /// <param name="method">The method of that name.</param>
    public bool TryFind(string name, [NotNullWhen(true)] out ServerApiMethod? method) => _methods.TryGetValue(name, out method);

    /// <summary>Carries a call out as one of several: a store that is away is an error of this one.</summary>
    public static async ValueTask<ServerApiAnswer> TryAsync(ServerApiCall call)
    {
        try
        {
            return await call();
        }
        catch (StoreUnavailableException)
        {
            // Logged by the store: once, not for each call.
            return ErrorCode.Internal.Because("store unavailable");
        }
    }

    private static ServerApiCall CallProcedure(ServerApiFields fields)
    {
        _ = fields.Text("method");
        return () => new(NoProcedure);
    }
}
