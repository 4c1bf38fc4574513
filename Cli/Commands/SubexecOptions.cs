using System.CommandLine;
using System.Globalization;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams.Children;

namespace ClawEvents.Cli.Commands;

/// <summary>The options of <c>subexec</c>.</summary>
internal sealed class SubexecOptions
{
    private readonly Option<string[]> _buffer = GlobalOptions.Text("--buffer", "-b").WithHelp("Run the command once for every <n> messages", "<n>");
    private readonly Option<string[]> _timeout = GlobalOptions.Text("--timeout", "--max-wait").WithHelp("Run it <ms> milliseconds after the first message", "<ms>");
    private readonly Option<string[]> _quietFor = GlobalOptions.Text("--quiet-for").WithHelp("Run it when no message has come for <ms> milliseconds", "<ms>");
    private readonly Option<string[]> _maxParallel = GlobalOptions.Text("--max-parallel").WithHelp("Run up to <n> commands simultaneously (default 1)", "<n>");
    private readonly Option<bool> _stdin = GlobalOptions.Flag("--stdin").WithHelp("Write the JSON to the command's standard input instead of adding it as an argument");
    private readonly Option<bool> _argument = GlobalOptions.Flag("--argument").WithHelp("With --stdin: add the JSON as an argument too");
    private readonly Option<bool> _shell = GlobalOptions.Flag("--shell").WithHelp("Run the words after -- as a script of /bin/sh");
    private readonly Option<bool> _failFast = GlobalOptions.Flag("--fail-fast").WithHelp("Stop when a command fails");

    public void AddTo(Command command)
    {
        Option[] all = [_buffer, _timeout, _quietFor, _maxParallel, _stdin, _argument, _shell, _failFast];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The error for the first invalid value, in the order of the options; null if all are valid.</summary>
    public Failure? Check(ParseResult parse) =>
        Check(parse, _buffer, "") ?? Check(parse, _timeout, " (milliseconds)") ?? Check(parse, _quietFor, " (milliseconds)")
        ?? Check(parse, _maxParallel, "");

    /// <summary>Reads the values after <see cref="Check(ParseResult)"/> has found no error.</summary>
    /// <param name="command">The words after <c>--</c>.</param>
    public ChildOptions Read(ParseResult parse, IReadOnlyList<string> command)
    {
        var limits = new BatchLimits(Number(parse, _buffer), Milliseconds(parse, _quietFor), Milliseconds(parse, _timeout));
        return new ChildOptions(
            new ChildCommand(command, IsThroughShell(parse), parse.Given(_stdin), !parse.Given(_stdin) || parse.Given(_argument)),
            limits is { Count: null, Quiet: null, Age: null } ? null : limits,
            Number(parse, _maxParallel) ?? 1,
            parse.Given(_failFast));
    }

    public bool IsThroughShell(ParseResult parse) => parse.Given(_shell);

    private static Failure? Check(ParseResult parse, Option<string[]> option, string unit) =>
        parse.Given(option) && Number(parse, option) is null
            ? new Failure(
                $"Invalid {option.Name} value. Must be a positive integer{unit}.",
                $"For example: {option.Name} {(unit.Length > 0 ? "5000" : "10")}")
            : null;

    private static TimeSpan? Milliseconds(ParseResult parse, Option<string[]> option) =>
        Number(parse, option) is { } number ? TimeSpan.FromMilliseconds(number) : null;

    private static int? Number(ParseResult parse, Option<string[]> option) =>
        int.TryParse(parse.Text(option), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
