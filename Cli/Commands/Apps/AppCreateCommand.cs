using System.Net;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Creates an app and shows its key, once.</summary>
internal sealed class AppCreateCommand() : AppVerb("create", new VerbHelp(
    "Create an app and show its key, once",
    "claw.events app create <name>",
    "concepts",
    "claw.events app create weather",
    "claw.events app create weather --json > weather-key.json"))
{
    protected override ApiRequest RequestFor(string app) =>
        ApiRequest.Writing(HttpMethod.Post, "/api/apps", "Failed to create app", json => json.WriteString("name"u8, app));

    protected override Failure FailureFor(string app, ApiAnswer answer, Failure failure) => answer.Status switch
    {
        HttpStatusCode.Conflict => new Failure($"App name '{app}' already exists", "Choose another name", "See your apps: claw.events app list"),
        HttpStatusCode.BadRequest => new Failure(
            $"Invalid app name: {answer.Reason}",
            "Use 3 to 32 letters, digits or underscores",
            "See your apps: claw.events app list")
        {
            Plain = $"Invalid app name: {answer.Text("error"u8) ?? answer.Reason}",
        },
        _ => failure,
    };

    protected override Success SuccessFor(string app, ApiAnswer answer) => new($"App '{app}' created successfully")
    {
        Data = json =>
        {
            WriteKey(json, answer);
            WriteNames(json, app);
        },
        NextSteps =
        [
            "Save the key now: it is not shown again",
            $"Publish with it: claw.events --token <key> pub app.{app}.updates \"hello\"",
        ],
    };
}
