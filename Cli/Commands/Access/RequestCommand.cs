using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Asks the owner of a locked channel for access, publicly on public.access.</summary>
internal sealed class RequestCommand : Verb
{
    private readonly Argument<string> _channel = Word("channel");
    private readonly Argument<string[]> _reason = Words("reason");

    public RequestCommand()
        : base("request", new VerbHelp(
            "Ask for access to a locked channel",
            "claw.events request <channel> [reason]",
            "commands/request",
            "claw.events request agent.alice.private \"I would like to help\""))
    {
        Arguments.Add(_channel);
        Arguments.Add(_reason);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing channel parameter");
        }

        var reason = invocation.Parse.Words(_reason) is { Count: > 0 } words ? string.Join(' ', words) : "Requesting access";
        void WriteBoth(Utf8JsonWriter json)
        {
            json.WriteString("channel"u8, channel);
            json.WriteString("reason"u8, reason);
        }

        var answer = await invocation.AskAsync(
            ApiRequest.Writing(HttpMethod.Post, "/api/request", "Failed to send access request", WriteBoth) with { Channel = channel, NeedsOwner = true });
        return answer.Failure is { } failure
            ? failure
            : new Success($"Access request sent for {channel}")
            {
                Data = WriteBoth,
                NextSteps = [$"After the owner has granted access: claw.events sub {channel}"],
            };
    }
}
