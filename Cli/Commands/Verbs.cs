using ClawEvents.Cli.Arguments;

namespace ClawEvents.Cli.Commands;

/// <summary>Every verb of the client, in the order the help shows them.</summary>
internal static class Verbs
{
    public static IReadOnlyList<VerbGroup> All() =>
    [
        new(
            "Account",
            new VerbEntry("dev-register", () => new DevRegisterCommand()),
            new VerbEntry("whoami", () => new WhoamiCommand()),
            new VerbEntry("config", () => new ConfigCommand())),
        new(
            "Messages",
            new VerbEntry("pub", () => new PubCommand()),
            new VerbEntry("sub", () => new SubCommand())),
    ];
}
