using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>What an operator does with a broker, with the key of its server API.</summary>
internal sealed class ServerCommand() : BranchVerb(
    "server",
    new VerbHelp(
        "Operate a broker, with its server key",
        "claw.events server <drain | info | top> [options]",
        "commands/server",
        "claw.events server drain --server http://10.0.0.11:8080",
        "CENTRIFUGO_API_KEY=<key> claw.events server top --by bytes"),
    new ServerDrainCommand(),
    new ServerInfoCommand(),
    new ServerTopCommand());
