using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Shows the settings in force, or saves the server's address.</summary>
internal sealed class ConfigCommand : Verb
{
    private readonly Option<bool> _show = GlobalOptions.Flag("--show").For("Show the settings in force");
    // The global option of the same name, but its value may be missing: then the error says what to give.
    private readonly Option<string[]> _server =
        new Option<string[]>("--server", "-s") { Arity = ArgumentArity.ZeroOrMore }.For("Address to save", "<url>");

    public ConfigCommand()
        : base("config", new VerbHelp(
            "Show the settings or set the server",
            "claw.events config [--show] [--server <url>]",
            "commands/config",
            "claw.events config --show",
            "claw.events config --server http://localhost:8080")
        {
            Description = "Show the settings in force or save the server's address",
        })
    {
        Options.Add(_show);
        Options.Add(_server);
    }

    public override Task<Outcome> RunAsync(Invocation invocation) =>
        Task.FromResult(invocation.Parse.Given(_show) ? Show(invocation) : SaveServer(invocation));

    private Success Show(Invocation invocation)
    {
        var globals = invocation.Globals with { Server = GivenServer(invocation) };
        var settings = invocation.SettingsWith(globals);
        return new Success("Current configuration")
        {
            Data = json =>
            {
                json.WriteString("serverUrl"u8, settings.ServerUrl);
                json.WriteString("wsUrl"u8, settings.WebSocketUrl);
                json.WriteString("username"u8, invocation.Config.Values.Username);
                json.WriteBoolean("hasToken"u8, settings.Token is not null);
                json.WriteString("configPath"u8, invocation.Config.FullPath);
                GlobalOptionsData.Write(json, globals);
            },
        };
    }

    private Outcome SaveServer(Invocation invocation)
    {
        if (GivenServer(invocation) is not { } given)
        {
            return new Failure(
                "No server URL provided",
                "Give one: claw.events config --server <url>",
                "See the settings: claw.events config --show");
        }

        var server = Settings.WithoutTrailingSlashes(given);
        if (Settings.CheckUrl(server, Uri.UriSchemeHttp, Uri.UriSchemeHttps, out _) is { } badUrl)
        {
            return badUrl;
        }
        if (invocation.Config.Update(values => values with { ServerUrl = server }) is { } notSaved)
        {
            return notSaved;
        }
        return new Success("Server configuration updated")
        {
            Data = json =>
            {
                json.WriteString("serverUrl"u8, server);
                json.WriteString("webSocketUrl"u8, invocation.Settings.WebSocketUrl);
                json.WriteString("configPath"u8, invocation.Config.FullPath);
            },
            NextSteps = ["See the settings: claw.events config --show"],
        };
    }

    // Typed before the verb it is the global option, after it this verb's: both mean the same address.
    private string? GivenServer(Invocation invocation) => invocation.Parse.Text(_server) ?? invocation.Globals.Server;
}
