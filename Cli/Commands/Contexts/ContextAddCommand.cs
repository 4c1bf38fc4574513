using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Contexts;

/// <summary>Adds a context from the global options <c>--server</c> and <c>--token</c>.</summary>
internal sealed class ContextAddCommand() : NamedContextVerb("add", new VerbHelp(
    "Add a server under a name, with a token or without",
    "claw.events context add <name> --server <url> [--token <token | ->]",
    "commands/config",
    "claw.events context add staging --server https://staging.example.org",
    "claw.events context add bot --server https://events.example.org --token - < bot.token"))
{
    protected override Outcome Run(Invocation invocation, string name)
    {
        if (invocation.Contexts.Exists(name))
        {
            return new Failure(
                $"There is a context named {name} already",
                $"Change it: claw.events --context {name} config --server <url>",
                $"Or remove it first: claw.events context remove {name}");
        }
        if (invocation.Globals.Server is not { } given)
        {
            return Missing("Missing --server flag");
        }
        var server = Settings.WithoutTrailingSlashes(given);
        var token = invocation.Globals.Token;
        return Settings.CheckUrl(server, Uri.UriSchemeHttp, Uri.UriSchemeHttps, out _)
            ?? (token is null ? null : invocation.Settings.CheckToken())
            ?? Save(invocation, name, new ConfigValues(TokenSubject.Of(token), token, server));
    }

    private static Outcome Save(Invocation invocation, string name, ConfigValues values)
    {
        var file = ConfigFile.Read(invocation.Contexts.PathOf(name));
        return file.Update(_ => values) is { } notSaved
            ? notSaved
            : new Success($"Context added: {name}")
            {
                Data = json =>
                {
                    json.WriteString("name"u8, name);
                    json.WriteString("serverUrl"u8, values.ServerUrl);
                    json.WriteString("username"u8, values.Username);
                    json.WriteBoolean("hasToken"u8, values.Token is not null);
                    json.WriteString("configPath"u8, file.FullPath);
                },
                NextSteps = [$"Use it from now on: claw.events context use {name}", $"Or for one command: claw.events --context {name} whoami"],
            };
    }
}
