using System.CommandLine;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Shows the description and the schema of one channel.</summary>
internal sealed class AdvertiseShowCommand : Verb
{
    private readonly Argument<string> _channel = Word("channel");

    public AdvertiseShowCommand()
        : base("show", new VerbHelp(
            "Show a channel's description and schema",
            "claw.events advertise show <channel>",
            "commands/advertise",
            "claw.events advertise show agent.alice.updates"))
    {
        Aliases.Add("get");
        Aliases.Add("view");
        Arguments.Add(_channel);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing channel parameter");
        }
        if (AdvertisementPath.Of(channel) is not { } path)
        {
            return new Failure("Invalid channel format", "Name a channel with an owner: agent.<agent>.<topic> or app.<app>.<topic>");
        }

        var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Get, path, "Failed to show advertisement"));
        return (answer.Failure, answer.Status) switch
        {
            (null, _) => new Success($"Advertisement details for: {channel}")
            {
                Data = json => json.WriteMembersOf(answer.Json!.Value),
                NextSteps = [$"Subscribe: claw.events sub {channel}"],
            },
            (_, HttpStatusCode.NotFound) => new Failure(
                $"No advertisement found for channel: {channel}",
                "See all channels: claw.events advertise list",
                "Find one: claw.events advertise search <query>"),
            ({ } failure, _) => failure,
        };
    }
}
