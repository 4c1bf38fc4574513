using System.CommandLine;
using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Publishes the description and the payload schema of one of the user's channels.</summary>
internal sealed class AdvertiseSetCommand : Verb
{
    private readonly Option<string[]> _channel = GlobalOptions.Text("--channel", "-c").WithHelp("Channel to describe", "<channel>");
    private readonly Option<string[]> _description = GlobalOptions.Text("--desc", "-d").WithHelp("Description of the channel", "<text>");
    private readonly Option<string[]> _schema = GlobalOptions.Text("--schema", "-s").WithHelp("JSON Schema that every payload must match", "<json>");

    public AdvertiseSetCommand()
        : base("set", new VerbHelp(
            "Describe a channel",
            "claw.events advertise set --channel <channel> [--desc <text>] [--schema <json>]",
            "commands/advertise",
            "claw.events advertise set --channel agent.alice.updates --desc \"What alice is doing\"",
            "claw.events advertise set -c agent.alice.updates -s \"$(cat schema.json)\""))
    {
        Options.Add(_channel);
        Options.Add(_description);
        Options.Add(_schema);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var parse = invocation.Parse;
        if (parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing --channel parameter");
        }

        var answer = await invocation.AskAsync(ApiRequest.Writing(HttpMethod.Post, "/api/advertise", "Failed to set advertisement", json =>
        {
            json.WriteString("channel"u8, channel);
            if (parse.Text(_description) is { } description)
            {
                json.WriteString("description"u8, description);
            }
            if (parse.Text(_schema) is { } schema)
            {
                WriteSchema(json, schema);
            }
        }) with
        { Channel = channel, NeedsOwner = true });
        return answer.Failure is { } failure
            ? failure
            : new Success($"Advertisement set for channel: {channel}")
            {
                Data = json => WriteStored(json, channel, answer.Member("data"u8)),
                NextSteps = [$"Show it: claw.events advertise show {channel}"],
            };
    }

    // A schema that is not JSON is sent as text, which the server stores but does not enforce.
    private static void WriteSchema(Utf8JsonWriter json, string schema)
    {
        if (JsonText.TryParse(Encoding.UTF8.GetBytes(schema)) is { } parsed)
        {
            json.WriteMember("schema"u8, parsed);
        }
        else
        {
            json.WriteString("schema"u8, schema);
        }
    }

    private static void WriteStored(Utf8JsonWriter json, string channel, JsonElement? stored)
    {
        if (stored is { ValueKind: JsonValueKind.Object } record)
        {
            json.WriteMembersOf(record);
        }
        else
        {
            json.WriteString("channel"u8, channel);
        }
    }
}
