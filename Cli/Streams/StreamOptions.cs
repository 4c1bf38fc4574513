using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams;

/// <summary>The options that every stream command has.</summary>
internal sealed class StreamOptions
{
    private readonly Option<bool> _quiet = GlobalOptions.Flag("--quiet", "-q").WithHelp("Report only errors on stderr");
    private readonly Option<bool> _requireToken = GlobalOptions.Flag("--require-token").WithHelp("End instead of continuing as an anonymous subscriber when the token is not accepted");
    private readonly Option<bool> _retry = GlobalOptions.Flag("--retry").WithHelp("Keep trying also when no connection can be made until something is changed");
    private readonly Option<string[]> _since = GlobalOptions.Text("--since").WithHelp("Begin with the messages of the history after a time (10m, 2026-12-31T18:00Z) or an offset; all: every one that it has", "<time|offset>");

    private readonly Option<string[]> _durable = GlobalOptions.Text("--durable").WithHelp("Continue where the consumer of this name was: its cursor is kept on disk", "<name>");

    public void AddTo(Command command)
    {
        Option[] all = [_quiet, _requireToken, _retry, _since, _durable];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The error for an invalid value; null if all are valid.</summary>
    public Failure? Check(ParseResult parse) =>
        parse.Given(_since) && Since(parse, DateTimeOffset.UtcNow) is null
            ? new Failure(
                $"Invalid --since value: {parse.Text(_since)}",
                "Name a time: --since 10m, --since 2026-12-31, --since 2026-12-31T18:00Z", "Name an offset of the history: --since 120", "Everything that the history has: --since all")
            : null;

    public bool RequiresToken(ParseResult parse) => parse.Given(_requireToken);

    public bool Retries(ParseResult parse) => parse.Given(_retry);

    /// <summary>Where the stream begins, after <see cref="Check"/> has found no error.</summary>
    public StartPlace Start(ParseResult parse, DateTimeOffset now) => Since(parse, now) ?? default;

    public bool IsDurable(ParseResult parse) => parse.Given(_durable);

    /// <summary>Opens the consumer that was named; nothing if none was.</summary>
    /// <param name="server">The address to which its cursors belong.</param>
    public (DurableConsumer? Consumer, Failure? Failure) OpenConsumer(Invocation invocation, Uri server) =>
        invocation.Parse.Given(_durable)
            ? DurableConsumer.Open(DurableConsumer.FolderBeside(invocation.MainConfig.FullPath), invocation.Parse.Text(_durable) ?? "", server.AbsoluteUri)
            : (null, null);

    public StreamReporter OpenReporter(Invocation invocation) =>
        new(invocation.Output, invocation.Globals.Verbose, invocation.Parse.Given(_quiet));

    private StartPlace? Since(ParseResult parse, DateTimeOffset now) => parse.Text(_since) switch
    {
        null => null,
        "all" => new(StreamPosition.Oldest),
        var text when HistoryStart.TryParse(text, now, out var start) => new(StreamPosition.Oldest with { Offset = start.Offset ?? 0 }, start.Time?.ToUnixTimeMilliseconds() ?? 0),
        _ => null,
    };
}
