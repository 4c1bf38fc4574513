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
    // A full disk, a closed stdout or a bug: none of them should show a stack trace to the user.
    var failure = exception is IOException or UnauthorizedAccessException
        ? new Failure($"Cannot write to standard output: {SystemText.Reason(exception)}", "Check where standard output goes")
        : new Failure($"Unexpected error: {exception.Message}", "Report this error with the output of --verbose")
        {
            Details = args.Contains("--verbose") ? exception.ToString() : null,
        };
    OpenOutput(new GlobalValues()).WriteOutcome(failure);
    return failure.ExitCode;
}

IOutput OpenOutput(GlobalValues globals) => globals.Json
    ? new JsonOutput(streams)
    : new HumanOutput(streams, TextStyle.Detect(Environment.GetEnvironmentVariable));
