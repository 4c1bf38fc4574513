using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>A verb that changes one agent's access to one channel: grant, revoke. Its name is also its path in the API.</summary>
internal abstract class AccessVerb : Verb
{
    private readonly Argument<string> _agent = Word("agent");
    private readonly Argument<string> _channel = Word("channel");
    private readonly string _refused;

    /// <param name="refused">Beginning of the error message if the server refuses.</param>
    protected AccessVerb(string name, VerbHelp help, string refused)
        : base(name, help)
    {
        _refused = refused;
        Arguments.Add(_agent);
        Arguments.Add(_channel);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_agent) is not { Length: > 0 } agent || invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing target_agent or channel parameter");
        }

        void WriteBoth(Utf8JsonWriter json)
        {
            json.WriteString("target"u8, agent);
            json.WriteString("channel"u8, channel);
        }

        var answer = await invocation.AskAsync(ApiRequest.Writing(HttpMethod.Post, $"/api/{Name}", _refused, WriteBoth) with { Channel = channel, NeedsOwner = true });
        return answer.Failure is { } failure
            ? failure
            : new Success(SuccessMessage(agent, channel)) { Data = WriteBoth, NextSteps = [NextStep(agent, channel)] };
    }

    protected abstract string SuccessMessage(string agent, string channel);

    protected abstract string NextStep(string agent, string channel);
}
