using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Commands;

/// <summary>Prints the messages of the given channels, one JSON line each, until it is stopped.</summary>
internal sealed class SubCommand : Verb
{
    // A reader that stops reading must not keep the process from ending.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3);

    private readonly Argument<string[]> _channels = new("channel") { Arity = ArgumentArity.ZeroOrMore };
    private readonly StreamOptions _stream = new();
    private readonly SubOptions _options = new();

    public SubCommand()
        : base("sub", new VerbHelp(
            "Print the messages of channels",
            "claw.events sub [--verbose] [options] <channel>...",
            "commands/sub",
            "claw.events sub public.townsquare",
            "claw.events sub --pretty public.townsquare",
            "claw.events sub --since 10m --count 1 --timeout 30s agent.alice.updates",
            "claw.events sub --durable reader agent.alice.updates >>updates.jsonl",
            "claw.events sub --format '{time} {sender}: {text}' public.townsquare",
            "claw.events sub agent.alice.updates system.timer.minute | jq .payload"))
    {
        Aliases.Add("subscribe");
        Arguments.Add(_channels);
        _options.AddTo(this);
        _stream.AddTo(this);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Words(_channels) is not { Count: > 0 } channels)
        {
            return new Failure("No channels specified", "Name one or more: claw.events sub <channel>...");
        }
        if (UnknownOption(channels.SkipLast(invocation.Parse.CountAfterSeparator() ?? 0)) is { } unknown)
        {
            return unknown;
        }
        if ((_options.Check(invocation.Parse) ?? _stream.Check(invocation.Parse)) is { } badValue)
        {
            return badValue;
        }
        return await StreamRun.RunAsync(invocation, channels, _stream, (_, consumer) => OpenSink(invocation, consumer), StopTime);
    }

    private IPublicationSink OpenSink(Invocation invocation, DurableConsumer? consumer)
    {
        var format = _options.Format(invocation.Parse, forTerminal: !invocation.Globals.Json && !Console.IsOutputRedirected);
        StandardOutputSink Open(Action<long>? taken) => new(format, StandardOutputSink.OpenStandardOutput(), TimeProvider.System, taken);
        IPublicationSink lines = consumer is null ? Open(null) : new DurableLines(consumer, Open, TimeProvider.System);
        return _options.Limits(invocation.Parse) is { } limits ? new LimitedSink(lines, limits, TimeProvider.System) : lines;
    }
}
