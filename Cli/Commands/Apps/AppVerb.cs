using System.CommandLine;
using System.Net;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>A verb about one app by its name.</summary>
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
        return answer.Failure is { } failure ? Explain(app, answer, failure) : Show(app, answer);
    }

    protected abstract ApiRequest RequestFor(string app);

    /// <summary>The error in this verb's own words, for the answers it knows.</summary>
    protected virtual Failure Explain(string app, ApiAnswer answer, Failure failure) => answer.Status switch
    {
        HttpStatusCode.NotFound => new Failure($"App '{app}' not found", "See your apps: claw.events app list"),
        HttpStatusCode.Forbidden => new Failure(NotAuthorized, "See your apps: claw.events app list", "Check who you are: claw.events whoami"),
        _ => failure,
    };

    protected virtual string NotAuthorized => $"Not authorized to {Name} this app";

    protected abstract Success Show(string app, ApiAnswer answer);

    protected static string PathOf(string app) => $"/api/apps/{Uri.EscapeDataString(app)}";

    /// <summary>The app and its key, which is shown because it was asked for and is shown only now.</summary>
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
