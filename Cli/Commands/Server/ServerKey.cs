using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>The key of the server API, for operators: an option of the commands that take one, or the server's own variable, which lists of processes do not show.</summary>
internal static class ServerKey
{
    public const string Variable = "CENTRIFUGO_API_KEY";

    /// <summary>The error of a command that needs the key and has none.</summary>
    public static Failure Missing { get; } = new(
        "This needs the key of the server API",
        $"Set it in the environment: {Variable}=<key>",
        "Or pass it for this command: --key <key>");

    public static Option<string[]> Option() => GlobalOptions.Text("--key").WithHelp($"Key of the server API; - or nothing reads it from {Variable}", "<key>");

    /// <returns>null if there is none.</returns>
    /// <param name="option">The command's own.</param>
    public static string? Of(Invocation invocation, Option<string[]> option) =>
        (invocation.Parse.Text(option) is { } given and not "-" ? given : invocation.Variable(Variable))?.Trim() is { Length: > 0 } key ? key : null;

    /// <summary>The error for a key that no header can hold; null if it is usable.</summary>
    public static Failure? Check(string key) => key.All(character => character is > ' ' and < '\u007f') ? null : new Failure("The key contains invalid characters", "Copy it again");
}
