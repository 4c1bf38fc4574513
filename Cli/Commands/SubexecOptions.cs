using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;
using ClawEvents.Cli.Streams.Children;
using ClawEvents.Cli.Streams.Durable;

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

    private readonly Option<string[]> _key = GlobalOptions.Text("--key").WithHelp("With --max-parallel: keep messages with the same value in order: channel, sender or payload.<member>", "<member>");
    private readonly Option<string[]> _maxAttempts = GlobalOptions.Text("--max-attempts").WithHelp("With --durable: give a message up when the command has failed <n> times", "<n>");
    private readonly Option<string[]> _deadLetterFile = GlobalOptions.Text("--dead-letter-file").WithHelp("Where messages go that were given up, instead of a file beside the cursor", "<path>");
    private readonly Option<string[]> _deadLetterChannel = GlobalOptions.Text("--dead-letter-channel").WithHelp("The same as a channel, to which they are published", "<channel>");

    public void AddTo(Command command)
    {
        Option[] all = [_buffer, _timeout, _quietFor, _maxParallel, _key, _stdin, _argument, _shell, _failFast, _maxAttempts, _deadLetterFile, _deadLetterChannel];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The error for the first invalid value, in the order of the options; null if all are valid.</summary>
    /// <param name="isDurable">Whether a durable consumer was named.</param>
    public Failure? Check(ParseResult parse, bool isDurable) =>
        Check(parse, _buffer, "") ?? Check(parse, _timeout, " (milliseconds)") ?? Check(parse, _quietFor, " (milliseconds)")
        ?? Check(parse, _maxParallel, "") ?? CheckKey(parse) ?? Check(parse, _maxAttempts, "") ?? CheckDurable(parse, isDurable);

    /// <summary>Reads the values after <see cref="Check(ParseResult, bool)"/> has found no error.</summary>
    /// <param name="command">The words after <c>--</c>.</param>
    public ChildOptions Read(ParseResult parse, IReadOnlyList<string> command)
    {
        var limits = new BatchLimits(Number(parse, _buffer), Milliseconds(parse, _quietFor), Milliseconds(parse, _timeout));
        return new ChildOptions(
            new ChildCommand(command, IsThroughShell(parse), parse.Given(_stdin), !parse.Given(_stdin) || parse.Given(_argument)),
            limits is { Count: null, Quiet: null, Age: null } ? null : limits,
            Number(parse, _maxParallel) ?? 1,
            parse.Given(_failFast),
            Key(parse));
    }

    /// <summary>How messages of a durable consumer are handed over; null without one.</summary>
    public ChildAttempts? Attempts(Invocation invocation, DurableConsumer? consumer, StreamReporter reporter) => consumer is null
        ? null
        : new ChildAttempts(consumer, Number(invocation.Parse, _maxAttempts), DeadLetters(invocation, consumer), reporter, TimeProvider.System);

    public bool IsThroughShell(ParseResult parse) => parse.Given(_shell);

    private IDeadLetters DeadLetters(Invocation invocation, DurableConsumer consumer) => invocation.Parse.Text(_deadLetterChannel) is { } channel
        ? new DeadLetterChannel(channel, invocation.AskAsync)
        : new DeadLetterFile(invocation.Parse.Text(_deadLetterFile) ?? consumer.DeadLetterFile);

    private KeyPath? Key(ParseResult parse) => parse.Text(_key) is { } text ? KeyPath.TryParse(text) : null;

    private Failure? CheckKey(ParseResult parse)
    {
        if (parse.Given(_key) && Key(parse) is null)
        {
            return new Failure($"Invalid --key value: {parse.Text(_key)}", "Name a member of the event: --key channel, --key sender, --key payload.order.id");
        }
        return parse.Given(_key) && (parse.Given(_buffer) || parse.Given(_timeout) || parse.Given(_quietFor))
            ? new Failure("--key and batches exclude each other", "Leave out --buffer, --timeout and --quiet-for, or --key")
            : null;
    }

    private Failure? CheckDurable(ParseResult parse, bool isDurable)
    {
        if (parse.Given(_deadLetterFile) && parse.Given(_deadLetterChannel))
        {
            return new Failure("--dead-letter-file and --dead-letter-channel exclude each other", "Leave one of them out");
        }
        Option[] needing = [_maxAttempts, _deadLetterFile, _deadLetterChannel];
        return !isDurable && needing.FirstOrDefault(option => parse.Given(option)) is { } alone
            ? new Failure($"{alone.Name} needs --durable", $"Name the consumer: --durable <name> {alone.Name} …")
            : null;
    }

    private static Failure? Check(ParseResult parse, Option<string[]> option, string unit) =>
        parse.Given(option) && Number(parse, option) is null
            ? new Failure(
                $"Invalid {option.Name} value. Must be a positive integer{unit}.",
                $"For example: {option.Name} {(unit.Length > 0 ? "5000" : "10")}")
            : null;

    private static TimeSpan? Milliseconds(ParseResult parse, Option<string[]> option) =>
        Number(parse, option) is { } number ? TimeSpan.FromMilliseconds(number) : null;

    private static int? Number(ParseResult parse, Option<string[]> option) => (int?)parse.Count(option);
}
