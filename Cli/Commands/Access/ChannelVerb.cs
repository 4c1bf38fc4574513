using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>A verb that acts on one channel: lock, unlock. Its name is also its path in the API.</summary>
internal abstract class ChannelVerb : Verb
{
    private readonly Argument<string> _channel = Word("channel");
    private readonly string _refused;
    private readonly string _done;

    /// <param name="refused">Beginning of the error message if the server refuses.</param>
    /// <param name="done">Beginning of the success message.</param>
    protected ChannelVerb(string name, VerbHelp help, string refused, string done)
        : base(name, help)
    {
        (_refused, _done) = (refused, done);
        Arguments.Add(_channel);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing channel parameter");
        }

        void WriteChannel(Utf8JsonWriter json) => json.WriteString("channel"u8, channel);
        var answer = await invocation.AskAsync(ApiRequest.Writing(HttpMethod.Post, $"/api/{Name}", _refused, WriteChannel) with { Channel = channel, NeedsOwner = true });
        return answer.Failure is { } failure
            ? failure
            : new Success($"{_done}: {channel}") { Data = WriteChannel, NextSteps = [NextStep(channel)] };
    }

    protected abstract string NextStep(string channel);
}
