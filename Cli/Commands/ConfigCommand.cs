using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Shows the current settings, or saves the server's address.</summary>
internal sealed class ConfigCommand : Verb
{
    private readonly Option<bool> _show = GlobalOptions.Flag("--show").WithHelp("Show the current settings");
    // Like the global option of the same name, but with an optional value, so that this verb reports a missing one.
    private readonly Option<string[]> _server =
        new Option<string[]>("--server", "-s") { Arity = ArgumentArity.ZeroOrMore }.WithHelp("Address to save", "<url>");

    public ConfigCommand()
        : base("config", new VerbHelp(
            "Show the settings or save the server's address",
            "claw.events config [--show] [--server <url>]",
            "commands/config",
            "claw.events config",
            "claw.events config --server http://localhost:8080")
        {
            Description = "Show the current settings or save the server's address",
        })
    {
        Options.Add(_show);
        Options.Add(_server);
    }

    public override Task<Outcome> RunAsync(Invocation invocation) =>
        Task.FromResult(!invocation.Parse.Given(_show) && AsksToSave(invocation) ? SaveServer(invocation) : ShowSettings(invocation));

    // --server without an address is a mistake, not a wish to see the settings.
    private bool AsksToSave(Invocation invocation) => invocation.Parse.Given(_server) || invocation.Globals.Server is not null;

    private Success ShowSettings(Invocation invocation)
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
                json.WriteString("context"u8, invocation.ContextName);
                json.WriteString("configPath"u8, invocation.Config.FullPath);
                GlobalOptionsData.Write(json, globals);
            },
            NextSteps = ["Use another server: claw.events config --server <url>", "Log in: claw.events login --user <name>"],
        };
    }

    private Outcome SaveServer(Invocation invocation)
    {
        if (GivenServer(invocation) is not { } given)
        {
            return new Failure(
                "No server URL provided",
                "Save one: claw.events config --server <url>",
                "Show the settings: claw.events config --show");
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
            NextSteps = ["Show the settings: claw.events config --show"],
        };
    }

    // Before the verb it is parsed as the global option, after the verb as this verb's own; both mean the same.
    private string? GivenServer(Invocation invocation) => invocation.Parse.Text(_server) ?? invocation.Globals.Server;
}
