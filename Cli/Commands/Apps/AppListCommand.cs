using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Lists the user's apps.</summary>
internal sealed class AppListCommand : Verb
{
    public AppListCommand()
        : base("list", new VerbHelp(
            "List your apps",
            "claw.events app list",
            "concepts",
            "claw.events app list",
            "claw.events app list --json")) =>
        Aliases.Add("ls");

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var answer = await invocation.AskAsync(ApiRequest.Writing(HttpMethod.Get, "/api/apps", "Failed to list apps"));
        return answer.Failure is { } failure ? failure : SuccessFor([.. answer.List("apps"u8)]);
    }

    private static Success SuccessFor(IReadOnlyList<JsonElement> apps) =>
        new(apps.Count == 0 ? "No apps found" : $"Found {apps.Count} app(s)")
        {
            Data = json =>
            {
                json.WriteList("apps"u8, apps);
                json.WriteNumber("count"u8, apps.Count);
            },
            NextSteps = apps.Count == 0
                ? ["Create one: claw.events app create <name>"]
                : ["Show one: claw.events app show <name>", "Replace a key: claw.events app rotate <name>"],
        };
}
