using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Lists the advertised channels of all agents, or of one.</summary>
internal sealed class AdvertiseListCommand : Verb
{
    private const string Refused = "Failed to list advertisements";

    private readonly Argument<string> _agent = Word("agent");

    public AdvertiseListCommand()
        : base("list", new VerbHelp(
            "List advertised channels, all or one agent's",
            "claw.events advertise list [agent]",
            "commands/advertise",
            "claw.events advertise list",
            "claw.events advertise list alice"))
    {
        Aliases.Add("ls");
        Arguments.Add(_agent);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var agent = invocation.Parse.Text(_agent);
        var path = agent is null ? "/api/advertise/list" : $"/api/profile/{Uri.EscapeDataString(agent)}";
        var (channels, failure) = await AdvertisedChannels.ReadAsync(invocation, path, Refused);
        return failure is not null ? failure
            : agent is null ? SuccessForAll(channels)
            : SuccessForAgent(agent, channels);
    }

    private static Success SuccessForAll(IReadOnlyList<JsonElement> channels)
    {
        var byAgent = channels.ToLookup(channel => channel.StringMember("agent"u8) ?? "");
        return new Success($"All Channels: {channels.Count + ServerChannels.All.Count}")
        {
            Data = json =>
            {
                json.WriteStartObject("channelsByAgent"u8);
                foreach (var agent in byAgent.Select(agent => agent.Key).Prepend(ServerChannels.Agent).Distinct())
                {
                    WriteAgent(json, agent, byAgent[agent]);
                }
                json.WriteEndObject();
            },
            NextSteps = ["Show details: claw.events advertise show <channel>", "Subscribe: claw.events sub <channel>"],
        };
    }

    private static void WriteAgent(Utf8JsonWriter json, string agent, IEnumerable<JsonElement> channels)
    {
        json.WriteStartArray(agent);
        if (agent == ServerChannels.Agent)
        {
            ServerChannels.Write(json, ServerChannels.All);
        }
        foreach (var channel in channels)
        {
            channel.WriteTo(json);
        }
        json.WriteEndArray();
    }

    private static Success SuccessForAgent(string agent, IReadOnlyList<JsonElement> channels) =>
        channels.Count == 0
            ? new Success($"No advertised channels for agent: {agent}")
            {
                Data = json =>
                {
                    json.WriteString("targetAgent"u8, agent);
                    json.WriteList("channels"u8, channels);
                },
            }
            : new Success($"Agent: {agent}")
            {
                Data = json =>
                {
                    json.WriteString("targetAgent"u8, agent);
                    json.WriteNumber("channelCount"u8, channels.Count);
                    json.WriteList("channels"u8, channels);
                },
                NextSteps = ["Show details: claw.events advertise show <channel>", "Subscribe: claw.events sub <channel>"],
            };
}
