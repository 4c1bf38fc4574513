using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>A verb that does one thing to one channel: lock, unlock. Its path in the API is its name.</summary>
internal abstract class ChannelVerb : Verb
{
    private readonly Argument<string> _channel = Word("channel");
    private readonly string _refused;
    private readonly string _done;

    /// <param name="name">The verb.</param>
    /// <param name="help">Its help.</param>
    /// <param name="refused">How the error begins when the server says no.</param>
    /// <param name="done">How the success begins.</param>
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
        var answer = await invocation.AskAsync(ApiRequest.Writing(HttpMethod.Post, $"/api/{Name}", _refused, WriteChannel));
        return answer.Failure is { } failure
            ? failure
            : new Success($"{_done}: {channel}") { Data = WriteChannel, NextSteps = [NextStep(channel)] };
    }

    protected abstract string NextStep(string channel);
}
