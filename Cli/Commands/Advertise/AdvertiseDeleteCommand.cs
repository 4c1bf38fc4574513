using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Removes the description of one of the user's channels.</summary>
internal sealed class AdvertiseDeleteCommand : Verb
{
    private readonly Argument<string> _channel = Word("channel");

    public AdvertiseDeleteCommand()
        : base("delete", new VerbHelp(
            "Remove a channel's description",
            "claw.events advertise delete <channel>",
            "commands/advertise",
            "claw.events advertise delete agent.alice.updates"))
    {
        Aliases.Add("remove");
        Aliases.Add("rm");
        Arguments.Add(_channel);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing channel parameter");
        }

        void WriteChannel(Utf8JsonWriter json) => json.WriteString("channel"u8, channel);
        var answer = await invocation.AskAsync(
            ApiRequest.Writing(HttpMethod.Delete, "/api/advertise", "Failed to delete advertisement", WriteChannel) with { Channel = channel, NeedsOwner = true });
        return answer.Failure is { } failure
            ? failure
            : new Success($"Advertisement removed for channel: {channel}")
            {
                Data = WriteChannel,
                NextSteps = [$"Describe it again: claw.events advertise set --channel {channel}"],
            };
    }
}
