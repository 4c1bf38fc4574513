using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>Takes one node out of service and back: its clients go to other nodes.</summary>
internal sealed class ServerDrainCommand : Verb
{
    private const string Path = "/api/drain";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly Option<string[]> _key = ServerKey.Option();
    private readonly Option<bool> _cancel = GlobalOptions.Flag("--cancel").WithHelp("Serve clients again");
    private readonly Option<bool> _status = GlobalOptions.Flag("--status").WithHelp("Only show how far the drain is");
    private readonly Option<bool> _wait = GlobalOptions.Flag("--wait", "-w").WithHelp("Wait until all clients have gone");

    public ServerDrainCommand()
        : base("drain", new VerbHelp(
            "Send the clients of one node to the others",
            "claw.events server drain [--wait] [--status | --cancel] [--key <key>]",
            "commands/server",
            "claw.events server drain --server http://10.0.0.11:8080 --wait",
            "claw.events server drain --status --json"))
    {
        Options.Add(_key);
        Options.Add(_cancel);
        Options.Add(_status);
        Options.Add(_wait);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (ServerKey.Read(invocation, _key, out var key) is { } failure)
        {
            return failure;
        }

        var (isCancel, isStatus) = (invocation.Parse.Given(_cancel), invocation.Parse.Given(_status));
        if (isCancel && isStatus)
        {
            return new Failure("--cancel and --status exclude each other", $"Usage: {Usage}");
        }

        var method = isCancel ? HttpMethod.Delete : isStatus ? HttpMethod.Get : HttpMethod.Post;
        var answer = await AskAsync(invocation, method, key);
        while (answer.Failure is null && !isCancel && invocation.Parse.Given(_wait) && !HasEnded(answer))
        {
            await Task.Delay(LookEvery);
            answer = await AskAsync(invocation, HttpMethod.Get, key);
        }

        return answer.Failure ?? (Outcome)SuccessFor(answer);
    }

    private static async Task<ApiAnswer> AskAsync(Invocation invocation, HttpMethod method, string key)
    {
        var answer = await invocation.AskAsync(new ApiRequest(method, Path, "Failed to drain the node") { Key = key });
        return answer with { Failure = ServerApi.Explained(answer) };
    }

    private static bool HasEnded(ApiAnswer answer) =>
        answer.Text("phase"u8) is "serving" || (answer.Text("phase"u8) is "drained" && answer.Member("remaining"u8)?.GetInt64() == 0);

    private static Success SuccessFor(ApiAnswer answer)
    {
        var remaining = answer.Member("remaining"u8)?.GetInt64() ?? 0;
        return new Success(answer.Text("phase"u8) switch
        {
            "serving" => "The node serves its clients",
            "leaving" => "The node is not ready any more; soon it accepts no new connections",
            "draining" => $"The node sends its clients away: {remaining} left",
            _ => remaining == 0 ? "The node is drained" : $"The node is drained, but for {remaining} that have not gone yet",
        })
        {
            Data = json =>
            {
                json.WriteString("phase"u8, answer.Text("phase"u8));
                json.WriteMember("ready"u8, answer.Member("ready"u8));
                json.WriteMember("remaining"u8, answer.Member("remaining"u8));
                json.WriteMember("sent"u8, answer.Member("sent"u8));
            },
            NextSteps = answer.Text("phase"u8) is "serving" ? [] : ["Stop the process now, or serve clients again: claw.events server drain --cancel"],
        };
    }
}
