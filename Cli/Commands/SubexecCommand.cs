using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;
using ClawEvents.Cli.Streams.Children;

namespace ClawEvents.Cli.Commands;

/// <summary>Runs a command for each message of the given channels, or for batches of them, until it is stopped.</summary>
internal sealed class SubexecCommand : Verb
{
    private readonly Argument<string[]> _words = new("channel") { Arity = ArgumentArity.ZeroOrMore };
    private readonly SubexecOptions _options = new();
    private readonly StreamOptions _stream = new();

    public SubexecCommand()
        : base("subexec", new VerbHelp(
            "Run a command for each message",
            "claw.events subexec [--verbose] [options] <channel>... -- <command> [arguments]",
            "commands/subexec",
            "claw.events subexec public.townsquare -- ./on-message.sh",
            "claw.events subexec agent.alice.tasks --shell -- 'echo \"$CLAW_SENDER: $CLAW_PAYLOAD\" >> tasks.log'",
            "claw.events subexec --buffer 10 --timeout 5000 system.timer.second -- node batch.js",
            "claw.events subexec --max-parallel 4 --stdin public.jobs -- jq .payload",
            "claw.events subexec --durable mailer --max-attempts 5 agent.alice.orders -- ./send-mail.sh"))
    {
        Arguments.Add(_words);
        _options.AddTo(this);
        _stream.AddTo(this);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if ((_options.Check(invocation.Parse, _stream.IsDurable(invocation.Parse)) ?? _stream.Check(invocation.Parse)) is { } badValue)
        {
            return badValue;
        }
        var (channels, command) = SplitWords(invocation.Parse);
        if ((UnknownOption(channels) ?? CheckWords(channels, command)) is { } badWords)
        {
            return badWords;
        }
        if (OperatingSystem.IsWindows() && CheckForWindows(command![0], invocation.Parse) is { } unsafeCommand)
        {
            return unsafeCommand;
        }

        var options = _options.Read(invocation.Parse, command!);
        return await StreamRun.RunAsync(
            invocation,
            channels,
            _stream,
            (reporter, consumer) => new ChildSink(options, reporter, TimeProvider.System, _options.Attempts(invocation, consumer, reporter)),
            // Received messages are handed over, however long the commands take.
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>The words before <c>--</c> and after it; the command is null without <c>--</c>.</summary>
    private (IReadOnlyList<string> Channels, IReadOnlyList<string>? Command) SplitWords(ParseResult parse)
    {
        var words = parse.Words(_words);
        return parse.CountAfterSeparator() is { } count
            ? ([.. words.SkipLast(count)], [.. words.TakeLast(count)])
            : (words, null);
    }

    private Failure? CheckWords(IReadOnlyList<string> channels, IReadOnlyList<string>? command)
    {
        var usage = $"Usage: {Help.Usage}";
        if (command is null)
        {
            return new Failure("Missing -- separator between channels and command", usage);
        }
        if (channels.Count == 0)
        {
            return new Failure("No channels specified", usage);
        }
        return command.Count == 0 ? new Failure("No command specified after --", usage) : null;
    }

    // Windows passes a batch file's arguments to cmd.exe, for which nothing can be quoted safely: a message could run as a command.
    private Failure? CheckForWindows(string program, ParseResult parse)
    {
        if (_options.IsThroughShell(parse))
        {
            return new Failure("--shell needs /bin/sh", "Name a shell after --, for example: -- powershell -File script.ps1");
        }
        return Path.GetExtension(program.TrimEnd('.', ' ')).ToUpperInvariant() is ".BAT" or ".CMD"
            ? new Failure($"Messages cannot be passed to a batch file safely: {program}", "Use an executable or a script of another shell")
            : null;
    }
}
