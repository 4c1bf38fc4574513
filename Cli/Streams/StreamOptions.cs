using System.CommandLine;
using ClawEvents.Cli.Arguments;

namespace ClawEvents.Cli.Streams;

/// <summary>The options that every stream command has.</summary>
internal sealed class StreamOptions
{
    private readonly Option<bool> _quiet = GlobalOptions.Flag("--quiet", "-q").WithHelp("Report only errors on stderr");
    private readonly Option<bool> _requireToken = GlobalOptions.Flag("--require-token").WithHelp("End instead of continuing as an anonymous subscriber when the token is not accepted");

    private readonly Option<bool> _retry = GlobalOptions.Flag("--retry").WithHelp("Keep trying also when no connection can be made until something is changed");

    public void AddTo(Command command)
    {
        command.Options.Add(_quiet);
        command.Options.Add(_requireToken);
        command.Options.Add(_retry);
    }

    public bool RequiresToken(ParseResult parse) => parse.Given(_requireToken);

    public bool Retries(ParseResult parse) => parse.Given(_retry);

    public StreamReporter OpenReporter(Invocation invocation) =>
        new(invocation.Output, invocation.Globals.Verbose, invocation.Parse.Given(_quiet));
}
