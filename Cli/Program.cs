using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;
using ClawEvents.Cli.Output;

var streams = new OutputStreams(Console.OpenStandardOutput(), Console.OpenStandardError());
try
{
    var commandLine = new CommandLine(Verbs.All());
    return await commandLine.RunAsync(args, Environment.GetEnvironmentVariable, OpenOutput);
}
catch (Exception exception)
{
    // A full disk, a closed stdout, or a bug: none of them is worth a stack trace to whoever typed a command.
    var failure = exception is IOException or UnauthorizedAccessException
        ? new Failure($"Cannot write to standard output: {exception.Message}", "Check where the output goes")
        : new Failure($"Unexpected error: {exception.Message}", "Report it with what --verbose adds to this")
        {
            Details = args.Contains("--verbose") ? exception.ToString() : null,
        };
    OpenOutput(new GlobalValues()).Show(failure);
    return failure.ExitCode;
}

IOutput OpenOutput(GlobalValues globals) => globals.Json
    ? new JsonOutput(streams)
    : new HumanOutput(streams, TextStyle.Detect(Environment.GetEnvironmentVariable));
