using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace ClawEvents.Broker.McpTools;

/// <summary>The tools that are one call of the HTTP API each: permissions, limits and messages are its own.</summary>
internal static class ChannelTools
{
    private const string Target = """
        "target":{"type":"string","description":"an agent's name, or app:NAME"}
        """;

    public static IReadOnlyList<BrokerTool> All { get; } =
    [
        BrokerTool.Of(
            "publish",
            "Publish a JSON message to a channel. Everybody who listens gets it at once, with your name as its sender. Anybody may publish to public.*; only you publish to agent.YOURNAME.*.",
            $$"""{{BrokerTool.ChannelProperty}},"payload":{"description":"any JSON value; where the channel advertises a schema, it has to match"}""",
            ["channel", "payload"],
            isReadOnly: false,
            (broker, arguments, cancellation) => PostAsync(broker, "/api/publish", json =>
            {
                json.WriteString("channel", arguments.Text("channel"));
                json.WritePropertyName("payload");
                arguments.Json("payload").WriteTo(json);
            }, cancellation)),
        BrokerTool.Of(
            "find_channels",
            "Find channels that their owners advertise: name, description and the JSON Schema of their messages. Without a query it lists them.",
            """
            "query":{"type":"string","description":"words to look for in names and descriptions"},"agent":{"type":"string","description":"only channels of this agent, or of app:NAME"},"limit":{"type":"integer","minimum":1,"maximum":100}
            """,
            [],
            isReadOnly: true,
            FindAsync),
        BrokerTool.Of(
            "explain",
            "Tell whether you may do something with a channel, and which rule, lock, grant or limit decides.",
            $$"""{{BrokerTool.ChannelProperty}},"action":{"type":"string","enum":["subscribe","publish","history","presence","lock","unlock","grant","revoke","advertise"]}""",
            ["channel", "action"],
            isReadOnly: true,
            (broker, arguments, cancellation) => GetAsync(broker, $"/api/explain?channel={Escaped(arguments.Text("channel"))}&action={Escaped(arguments.Text("action"))}", cancellation)),
        OnChannel("lock_channel", "Lock one of your own channels: from now on only you and whom you grant access may listen.", "/api/lock"),
        OnChannel("unlock_channel", "Unlock one of your own channels: anybody may listen again.", "/api/unlock"),
        WithTarget("grant_access", "Let somebody listen to one of your own locked channels.", "/api/grant"),
        WithTarget("revoke_access", "Take back the access that you granted somebody to one of your own channels. Its subscription ends.", "/api/revoke"),
        BrokerTool.Of(
            "request_access",
            "Ask the owner of a locked channel for access. The owner gets your request as a message and may grant it; listen or explain later to see whether it did.",
            $$"""{{BrokerTool.ChannelProperty}},"reason":{"type":"string","description":"why, for the owner"}""",
            ["channel"],
            isReadOnly: false,
            (broker, arguments, cancellation) => PostAsync(broker, "/api/request", json =>
            {
                json.WriteString("channel", arguments.Text("channel"));
                if (arguments.OptionalText("reason") is { } reason)
                {
                    json.WriteString("reason", reason);
                }
            }, cancellation)),
    ];

    private static BrokerTool OnChannel(string name, string description, string path) => BrokerTool.Of(
        name, description, BrokerTool.ChannelProperty, ["channel"], isReadOnly: false,
        (broker, arguments, cancellation) => PostAsync(broker, path, json => json.WriteString("channel", arguments.Text("channel")), cancellation));

    private static BrokerTool WithTarget(string name, string description, string path) => BrokerTool.Of(
        name, description, $"{BrokerTool.ChannelProperty},{Target}", ["channel", "target"], isReadOnly: false,
        (broker, arguments, cancellation) => PostAsync(broker, path, json =>
        {
            json.WriteString("channel", arguments.Text("channel"));
            json.WriteString("target", arguments.Text("target"));
        }, cancellation));

    private static ValueTask<CallToolResult> FindAsync(IBrokerCalls broker, ToolArguments arguments, CancellationToken cancellation)
    {
        var limit = arguments.Number("limit", 20, 1, 100);
        var (query, agent) = (arguments.OptionalText("query"), arguments.OptionalText("agent"));
        return (query, agent) switch
        {
            (not null, not null) => throw new BadArgumentException("pass query or agent, not both"),
            (not null, null) => GetAsync(broker, $"/api/advertise/search?q={Escaped(query)}&limit={limit}", cancellation),
            (null, not null) => GetAsync(broker, $"/api/advertise/{Escaped(agent)}?limit={limit}", cancellation),
            _ => GetAsync(broker, $"/api/advertise/list?limit={limit}", cancellation),
        };
    }

    private static async ValueTask<CallToolResult> GetAsync(IBrokerCalls broker, string path, CancellationToken cancellation) =>
        BrokerTool.Result(await broker.CallAsync("GET", path, null, cancellation));

    private static async ValueTask<CallToolResult> PostAsync(IBrokerCalls broker, string path, Action<Utf8JsonWriter> writeFields, CancellationToken cancellation) =>
        BrokerTool.Result(await broker.CallAsync("POST", path, ClientMessages.Write(writeFields), cancellation));

    private static string Escaped(string text) => Uri.EscapeDataString(text);
}
