using ClawEvents.Cli.Arguments;

namespace ClawEvents.Cli.Commands;

/// <summary>Every verb of the client, in the order the help shows them.</summary>
internal static class Verbs
{
    public static IReadOnlyList<VerbGroup> All() =>
    [
        new("Account", new DevRegisterCommand(), new WhoamiCommand(), new ConfigCommand()),
        new("Messages", new PubCommand(), new SubCommand(), new SubexecCommand()),
    ];
}
