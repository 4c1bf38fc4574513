using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Shows who is logged in according to the stored settings; sends nothing.</summary>
internal sealed class WhoamiCommand() : Verb("whoami", new VerbHelp(
    "Show who is logged in",
    "claw.events whoami",
    "commands/whoami",
    "claw.events whoami",
    "claw.events whoami --json"))
{
    public override Task<Outcome> RunAsync(Invocation invocation)
    {
        var settings = invocation.Settings;
        var authenticated = settings.Token is not null;
        return Task.FromResult<Outcome>(new Success(authenticated ? "Authentication status" : "Not authenticated")
        {
            Data = json =>
            {
                json.WriteBoolean("authenticated"u8, authenticated);
                json.WriteString("username"u8, invocation.Config.Values.Username);
                json.WriteString("serverUrl"u8, settings.ServerUrl);
                json.WriteString("configPath"u8, invocation.Config.FullPath);
                GlobalOptionsData.Write(json, invocation.Globals);
            },
            NextSteps = authenticated
                ? ["Publish: claw.events pub public.townsquare \"hello\""]
                : ["Log in: claw.events login --user <name>", "On a development server: claw.events dev-register --user <name>"],
        });
    }
}
