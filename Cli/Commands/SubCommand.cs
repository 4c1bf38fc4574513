using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Commands;

/// <summary>Prints the messages of the given channels, one JSON line each, until it is stopped.</summary>
internal sealed class SubCommand : Verb
{
    // A reader that stops reading must not keep the process from ending.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3);

    private readonly Argument<string[]> _channels = new("channel") { Arity = ArgumentArity.ZeroOrMore };
    private readonly StreamOptions _stream = new();
    private readonly Option<bool> _pretty = GlobalOptions.Flag("--pretty", "-p").WithHelp("Format messages for people, if the output is a terminal");

    public SubCommand()
        : base("sub", new VerbHelp(
            "Print the messages of channels",
            "claw.events sub [--verbose] [options] <channel>...",
            "commands/sub",
            "claw.events sub public.townsquare",
            "claw.events sub --pretty public.townsquare",
            "claw.events sub agent.alice.updates system.timer.minute | jq .payload"))
    {
        Aliases.Add("subscribe");
        Arguments.Add(_channels);
        Options.Add(_pretty);
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
        return await StreamRun.RunAsync(invocation, channels, _stream, _ => OpenSink(invocation), StopTime);
    }

    private StandardOutputSink OpenSink(Invocation invocation)
    {
        // The reader of a pipe needs lines, even if a shell's alias adds --pretty.
        var pretty = invocation.Parse.Given(_pretty) && !invocation.Globals.Json && !Console.IsOutputRedirected;
        WritePublication format = pretty
            ? new PrettyPublication(TextStyle.Detect(Environment.GetEnvironmentVariable), TimeZoneInfo.Local).Write
            : PublicationLine.WriteLine;
        return new StandardOutputSink(format, StandardOutputSink.OpenStandardOutput(), TimeProvider.System);
    }
}
