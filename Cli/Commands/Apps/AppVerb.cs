using System.CommandLine;
using System.Net;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>A verb that acts on one app, given by name.</summary>
internal abstract class AppVerb : Verb
{
    private readonly Argument<string> _name = Word("name");

    protected AppVerb(string name, VerbHelp help)
        : base(name, help) =>
        Arguments.Add(_name);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_name) is not { Length: > 0 } app)
        {
            return Missing("Missing app name");
        }

        var answer = await invocation.AskAsync(RequestFor(app));
        return answer.Failure is { } failure ? FailureFor(app, answer, failure) : SuccessFor(app, answer);
    }

    protected abstract ApiRequest RequestFor(string app);

    /// <summary>Replaces the general error where an answer has a specific meaning for this verb.</summary>
    protected virtual Failure FailureFor(string app, ApiAnswer answer, Failure failure) => answer.Status switch
    {
        HttpStatusCode.NotFound => new Failure($"App '{app}' not found", "See your apps: claw.events app list"),
        HttpStatusCode.Forbidden => new Failure(NotAuthorized, "See your apps: claw.events app list", "Check who is logged in: claw.events whoami"),
        _ => failure,
    };

    protected virtual string NotAuthorized => $"Not authorized to {Name} this app";

    protected abstract Success SuccessFor(string app, ApiAnswer answer);

    protected static string PathOf(string app) => $"/api/apps/{Uri.EscapeDataString(app)}";

    /// <summary>Writes the app and its key, which the server sends only in this answer.</summary>
    protected static void WriteKey(Utf8JsonWriter json, ApiAnswer answer)
    {
        json.WriteMember("app"u8, answer.Member("app"u8));
        json.WriteMember("key"u8, answer.Member("key"u8));
        json.WriteMember("hint"u8, answer.Member("hint"u8));
    }

    protected static void WriteNames(Utf8JsonWriter json, string app)
    {
        json.WriteString("namespace"u8, $"app.{app}.*");
        json.WriteString("principal"u8, $"app:{app}");
    }
}
