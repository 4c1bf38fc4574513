using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;
using ClawEvents.Cli.Output;

var commandLine = new CommandLine(Verbs.All());
return await commandLine.RunAsync(args, Environment.GetEnvironmentVariable, OpenOutput);

static IOutput OpenOutput(GlobalValues globals)
{
    var (stdout, stderr) = (Console.OpenStandardOutput(), Console.OpenStandardError());
    return globals.Json
        ? new JsonOutput(stdout, stderr)
        : new HumanOutput(stdout, stderr, TextStyle.Detect(Environment.GetEnvironmentVariable));
}
