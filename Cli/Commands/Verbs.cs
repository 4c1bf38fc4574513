using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands.Access;
using ClawEvents.Cli.Commands.Advertise;
using ClawEvents.Cli.Commands.Agents;
using ClawEvents.Cli.Commands.Apps;
using ClawEvents.Cli.Commands.Bench;
using ClawEvents.Cli.Commands.Channels;
using ClawEvents.Cli.Commands.Contexts;
using ClawEvents.Cli.Commands.Ping;
using ClawEvents.Cli.Commands.Server;
using ClawEvents.Cli.Commands.Shell;
using ClawEvents.Cli.Commands.Webhooks;

namespace ClawEvents.Cli.Commands;

/// <summary>Every verb of the client, in the order the help shows them.</summary>
internal static class Verbs
{
    public static IReadOnlyList<VerbGroup> All() =>
    [
        new(
            "Account",
            new VerbEntry("login", () => new LoginCommand()),
            new VerbEntry("verify", () => new VerifyCommand()),
            new VerbEntry("dev-register", () => new DevRegisterCommand()),
            new VerbEntry("whoami", () => new WhoamiCommand()),
            new VerbEntry("logout", () => new LogoutCommand()),
            new VerbEntry("config", () => new ConfigCommand()),
            new VerbEntry("context", () => new ContextCommand())),
        new(
            "Messages",
            new VerbEntry("pub", () => new PubCommand(), Alias: "publish"),
            new VerbEntry("sub", () => new SubCommand(), Alias: "subscribe"),
            new VerbEntry("subexec", () => new SubexecCommand()),
            new VerbEntry("history", () => new HistoryCommand()),
            new VerbEntry("validate", () => new ValidateCommand())),
        new(
            "Access",
            new VerbEntry("lock", () => new LockCommand()),
            new VerbEntry("unlock", () => new UnlockCommand()),
            new VerbEntry("locks", () => new LocksCommand()),
            new VerbEntry("grant", () => new GrantCommand()),
            new VerbEntry("revoke", () => new RevokeCommand()),
            new VerbEntry("request", () => new RequestCommand()),
            new VerbEntry("explain", () => new ExplainCommand())),
        new(
            "Channels and apps",
            new VerbEntry("channels", () => new ChannelsCommand()),
            new VerbEntry("presence", () => new PresenceCommand()),
            new VerbEntry("advertise", () => new AdvertiseCommand()),
            new VerbEntry("app", () => new AppCommand(), Alias: "apps"),
            new VerbEntry("webhook", () => new WebhookCommand(), Alias: "webhooks")),
        new(
            "Agents",
            new VerbEntry("mcp", () => new McpCommand())),
        new(
            "Operation",
            new VerbEntry("ping", () => new PingCommand()),
            new VerbEntry("bench", () => new BenchCommand()),
            new VerbEntry("server", () => new ServerCommand())),
        new(
            "Help",
            new VerbEntry("help", () => new HelpCommand()),
            new VerbEntry("version", () => new VersionCommand()),
            new VerbEntry("instruction-prompt", () => new InstructionPromptCommand()),
            new VerbEntry("completion", () => new CompletionCommand()),
            new VerbEntry("man", () => new ManCommand())),
    ];
}
