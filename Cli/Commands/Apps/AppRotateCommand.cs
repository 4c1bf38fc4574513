using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Gives an app a new key and shows it, once; the old one stops.</summary>
internal sealed class AppRotateCommand : AppVerb
{
    public AppRotateCommand()
        : base("rotate", new VerbHelp(
            "Give an app a new key; the old one stops at once",
            "claw.events app rotate <name>",
            "concepts",
            "claw.events app rotate weather")) =>
        Aliases.Add("rotate-key");

    protected override ApiRequest RequestFor(string app) =>
        ApiRequest.Writing(HttpMethod.Post, $"{PathOf(app)}/rotate", "Failed to rotate app key");

    protected override string NotAuthorized => "Not authorized to rotate this app's key";

    protected override Success Show(string app, ApiAnswer answer) => new($"App key rotated for: {app}")
    {
        Data = json => WriteKey(json, answer),
        NextSteps = ["Keep the key: it is not shown again", "Give it to whatever used the old one"],
    };
}
