using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Shows one of the user's apps, without its key.</summary>
internal sealed class AppShowCommand : AppVerb
{
    public AppShowCommand()
        : base("show", new VerbHelp(
            "Show an app",
            "claw.events app show <name>",
            "concepts",
            "claw.events app show weather"))
    {
        Aliases.Add("get");
        Aliases.Add("info");
    }

    protected override ApiRequest RequestFor(string app) => ApiRequest.Writing(HttpMethod.Get, PathOf(app), "Failed to show app");

    protected override string NotAuthorized => "Not authorized to view this app";

    protected override Success SuccessFor(string app, ApiAnswer answer) => new($"App details for: {app}")
    {
        Data = json =>
        {
            json.WriteMember("app"u8, answer.Member("app"u8));
            WriteNames(json, app);
        },
        NextSteps = [$"Replace its key: claw.events app rotate {app}", $"Delete it: claw.events app delete {app}"],
    };
}
