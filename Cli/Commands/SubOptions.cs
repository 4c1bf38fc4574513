using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Commands;

/// <summary>The options of <c>sub</c>: how much it prints, and in which form.</summary>
internal sealed class SubOptions
{
    private readonly Option<bool> _pretty = GlobalOptions.Flag("--pretty", "-p").WithHelp("Format messages for people, if the output is a terminal");
    private readonly Option<string[]> _format = GlobalOptions.Text("--format").WithHelp($"A line of your own for each message: {LineTemplate.Names}", "<template>");
    private readonly Option<bool> _timestamps = GlobalOptions.Flag("--timestamps").WithHelp("Begin each line with the message's time");
    private readonly Option<string[]> _count = GlobalOptions.Text("--count").WithHelp("End after <n> messages", "<n>");
    private readonly Option<string[]> _wait = GlobalOptions.Text("--wait").WithHelp("End when no message has come for a time, such as 5s", "<time>");
    private readonly Option<string[]> _timeout = GlobalOptions.Text("--timeout").WithHelp("End after a time, such as 1m", "<time>");

    public void AddTo(Command command)
    {
        Option[] all = [_pretty, _format, _timestamps, _count, _wait, _timeout];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The error for the first invalid value, in the order of the options; null if all are valid.</summary>
    public Failure? Check(ParseResult parse) => CheckFormat(parse) ?? CheckCount(parse) ?? CheckTime(parse, _wait) ?? CheckTime(parse, _timeout);

    /// <summary>When to end by itself, after <see cref="Check"/> has found no error; null: never.</summary>
    public StreamLimits? Limits(ParseResult parse)
    {
        var limits = new StreamLimits(Count(parse), Time(parse, _wait), Time(parse, _timeout));
        return limits is { Count: null, Silence: null, Duration: null } ? null : limits;
    }

    /// <summary>How a message is written, after <see cref="Check"/> has found no error.</summary>
    /// <param name="forTerminal">Whether people read it, not a program.</param>
    public WritePublication Format(ParseResult parse, bool forTerminal)
    {
        // The reader of a pipe needs lines, even if a shell's alias adds --pretty.
        var format = Template(parse) is { } template ? template.For(forTerminal)
            : parse.Given(_pretty) && forTerminal ? new PrettyPublication(TextStyle.Detect(Environment.GetEnvironmentVariable), TimeZoneInfo.Local).Write
            : (WritePublication)PublicationLine.WriteLine;
        return parse.Given(_timestamps) ? Timestamp.Before(format) : format;
    }

    private Failure? CheckFormat(ParseResult parse) =>
        parse.Given(_format) && Template(parse) is null
            ? new Failure($"Invalid --format: {parse.Text(_format)}", $"Use these names: {LineTemplate.Names}", "For example: --format '{time} {sender}: {text}'")
            : null;

    private Failure? CheckCount(ParseResult parse) =>
        parse.Given(_count) && Count(parse) is null ? new Failure("Invalid --count value. Must be a positive integer.", "For example: --count 10") : null;

    private static Failure? CheckTime(ParseResult parse, Option<string[]> option) =>
        parse.Given(option) && Time(parse, option) is null
            ? new Failure($"Invalid {option.Name} value. Must be a time with its unit.", $"For example: {option.Name} 10s; the units are ms, s, m, h and d")
            : null;

    private LineTemplate? Template(ParseResult parse) => parse.Text(_format) is { } text ? LineTemplate.TryParse(text) : null;

    private long? Count(ParseResult parse) => parse.Count(_count, most: long.MaxValue);

    private static TimeSpan? Time(ParseResult parse, Option<string[]> option) => parse.Text(option) is { } text ? TimeText.ReadDuration(text) : null;
}
