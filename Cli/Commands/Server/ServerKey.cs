using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>The key of the server API, for operators: an option of the commands that take one, or the server's own variable, which lists of processes do not show.</summary>
internal static class ServerKey
{
    public const string Variable = "CENTRIFUGO_API_KEY";

    public static Option<string[]> Option() => GlobalOptions.Text("--key").WithHelp($"Key of the server API; - or nothing reads it from {Variable}", "<key>");

    /// <returns>null if there is none.</returns>
    /// <param name="option">The command's own.</param>
    public static string? Of(Invocation invocation, Option<string[]> option) =>
        (invocation.Parse.Text(option) is { } given and not "-" ? given : invocation.Variable(Variable))?.Trim() is { Length: > 0 } key ? key : null;

    /// <summary>For a command that needs the key.</summary>
    /// <returns>The error if there is none, or one that no header can hold; otherwise null, and the key.</returns>
    public static Failure? Read(Invocation invocation, Option<string[]> option, out string key)
    {
        key = Of(invocation, option) ?? "";
        return key.Length > 0 ? Check(key) : new Failure(
            "This needs the key of the server API",
            $"Set it in the environment: {Variable}=<key>",
            "Or pass it for this command: --key <key>");
    }

    /// <summary>For a command that uses the key only when it is asked to.</summary>
    /// <returns>The error if the option names no usable key; otherwise null, and the key, or null without the option.</returns>
    public static Failure? ReadGiven(Invocation invocation, Option<string[]> option, out string? key)
    {
        key = null;
        return invocation.Parse.Given(option) ? Read(invocation, option, out key) : null;
    }

    /// <summary>The error for a key that no header can hold; null if it is usable.</summary>
    public static Failure? Check(string key) => IsUsable(key) ? null : new Failure("The key contains invalid characters", "Copy it again");

    /// <summary>Whether a header can hold it.</summary>
    public static bool IsUsable(string key) => key.Length > 0 && key.All(character => character is > ' ' and < '\u007f');
}
