using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Replaces an app's key and shows the new one, once; the old key stops working.</summary>
internal sealed class AppRotateCommand : AppVerb
{
    public AppRotateCommand()
        : base("rotate", new VerbHelp(
            "Replace an app's key; the old key stops working immediately",
            "claw.events app rotate <name>",
            "concepts",
            "claw.events app rotate weather")) =>
        Aliases.Add("rotate-key");

    protected override ApiRequest RequestFor(string app) =>
        ApiRequest.Writing(HttpMethod.Post, $"{PathOf(app)}/rotate", "Failed to rotate app key");

    protected override string NotAuthorized => "Not authorized to rotate this app's key";

    protected override Success SuccessFor(string app, ApiAnswer answer) => new($"App key rotated for: {app}")
    {
        Data = json => WriteKey(json, answer),
        NextSteps = ["Save the key now: it is not shown again", "Update every program that used the old key"],
    };
}
