using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Login;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Shows who is logged in according to the settings; asks the server only on request.</summary>
internal sealed class WhoamiCommand : Verb
{
    private readonly Option<bool> _check = GlobalOptions.Flag("--check").WithHelp("Ask the server whether it accepts the token");

    public WhoamiCommand()
        : base("whoami", new VerbHelp(
            "Show who is logged in",
            "claw.events whoami [--check]",
            "commands/whoami",
            "claw.events whoami",
            "claw.events whoami --check --json")) =>
        Options.Add(_check);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var token = invocation.Settings.Token;
        if (token is null || !invocation.Parse.Given(_check))
        {
            return SuccessFor(invocation, token, isChecked: false);
        }
        var check = await TokenCheck.AskAsync(invocation, token);
        var failure = check.NotAsked is { } reason
            ? new Failure($"The token was not checked: {reason}", "Show what is stored: claw.events whoami")
            : check.Refusal;
        return failure is not null ? failure : SuccessFor(invocation, token, isChecked: true);
    }

    private static Success SuccessFor(Invocation invocation, string? token, bool isChecked) =>
        new(token is null ? "Not authenticated" : isChecked ? "Authenticated: the server accepts the token" : "Authentication status")
        {
            Confirms = token is not null,
            Data = json =>
            {
                json.WriteBoolean("authenticated"u8, token is not null);
                json.WriteBoolean("checked"u8, isChecked);
                json.WriteString("username"u8, NameOf(invocation, token));
                WriteEnd(json, token);
                json.WriteString("serverUrl"u8, invocation.Settings.ServerUrl);
                json.WriteString("configPath"u8, invocation.Config.FullPath);
                GlobalOptionsData.Write(json, invocation.Globals);
            },
            NextSteps = token is null ? ["Log in: claw.events login --user <name>", "On a development server: claw.events dev-register --user <name>"]
                : isChecked ? ["Publish: claw.events pub public.townsquare \"hello\""]
                : ["Nothing was asked. Ask the server whether it accepts the token: claw.events whoami --check"],
        };

    // A token for this run may belong to another agent than the stored name.
    private static string? NameOf(Invocation invocation, string? token) =>
        token is not null && token != invocation.Config.Values.Token ? TokenSubject.Of(token) : invocation.Config.Values.Username ?? TokenSubject.Of(token);

    private static void WriteEnd(Utf8JsonWriter json, string? token)
    {
        if (TokenSubject.EndOf(token) is { } end)
        {
            json.WriteNumber("expiresAt"u8, end);
        }
    }
}
