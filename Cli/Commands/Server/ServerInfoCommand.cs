using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>Shows the nodes of the server and how much each of them serves.</summary>
internal sealed class ServerInfoCommand : Verb
{
    private const string Refused = "Failed to read the nodes";

    private readonly Option<string[]> _key = ServerKey.Option();

    public ServerInfoCommand()
        : base("info", new VerbHelp(
            "Show the nodes, their versions and what they serve",
            "claw.events server info [options]",
            "commands/server",
            "claw.events server info",
            "CENTRIFUGO_API_KEY=<key> claw.events server info --json")) =>
        Options.Add(_key);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (ServerKey.Read(invocation, _key, out var key) is { } badKey)
        {
            return badKey;
        }

        using var api = invocation.OpenApi();
        var answer = await ServerApi.CallAsync(api, "info", key, Refused, static _ => { });
        return answer.Result is { } result
            ? SuccessFor([.. result.ListMember("nodes"u8)])
            : answer.Failure ?? new Failure($"{Refused}: {answer.Error?.Message ?? "unexpected answer"}", "Check the server's address: claw.events config --show");
    }

    private static Success SuccessFor(IReadOnlyList<JsonElement> nodes)
    {
        var clients = nodes.Sum(node => node.IntegerMember("num_clients"u8) ?? 0);
        return new($"{nodes.Count} node{(nodes.Count == 1 ? "" : "s")}, {clients} client{(clients == 1 ? "" : "s")}")
        {
            Confirms = false,
            Data = json =>
            {
                json.WriteStartArray("nodes"u8);
                foreach (var node in nodes)
                {
                    WriteNode(json, node);
                }
                json.WriteEndArray();
            },
        };
    }

    // {"uid":TEXT,"name":TEXT,"version":TEXT,"num_clients":N,…,"uptime":SECONDS,"process":{"cpu":SECONDS,"rss":BYTES}}
    private static void WriteNode(Utf8JsonWriter json, JsonElement node)
    {
        json.WriteStartObject();
        json.WriteMember("name"u8, node.Member("name"u8));
        json.WriteMember("version"u8, node.Member("version"u8));
        json.WriteMember("clients"u8, node.Member("num_clients"u8));
        json.WriteMember("users"u8, node.Member("num_users"u8));
        json.WriteMember("channels"u8, node.Member("num_channels"u8));
        json.WriteMember("subscriptions"u8, node.Member("num_subs"u8));
        json.WriteMember("uptimeSeconds"u8, node.Member("uptime"u8));
        json.WriteMember("memoryBytes"u8, node.Member("process"u8)?.Member("rss"u8));
        json.WriteMember("id"u8, node.Member("uid"u8));
        json.WriteEndObject();
    }
}
