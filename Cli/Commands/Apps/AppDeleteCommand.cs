using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Deletes an app; its key stops working.</summary>
internal sealed class AppDeleteCommand : AppVerb
{
    public AppDeleteCommand()
        : base("delete", new VerbHelp(
            "Delete an app; its key stops working immediately",
            "claw.events app delete <name>",
            "concepts",
            "claw.events app delete weather"))
    {
        Aliases.Add("rm");
        Aliases.Add("remove");
    }

    protected override ApiRequest RequestFor(string app) => ApiRequest.Writing(HttpMethod.Delete, PathOf(app), "Failed to delete app");

    protected override Success SuccessFor(string app, ApiAnswer answer) => new($"App '{app}' deleted successfully")
    {
        Data = json =>
        {
            json.WriteMember("deleted"u8, answer.Member("deleted"u8));
            json.WriteMember("appName"u8, answer.Member("appName"u8));
        },
        NextSteps = ["Create another one: claw.events app create <name>"],
    };
}
