using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;
using ClawEvents.Cli.Output;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>The client's commands in this process, for tables of many lines; tests of streams and signals need a <see cref="CliProcess"/>.</summary>
internal static class CliRun
{
    /// <summary>Runs one line to its end. Its stdin is this process's, so a line must not read it.</summary>
    public static async Task<CliResult> RunAsync(CliHome home, params IReadOnlyList<string> arguments)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var streams = new OutputStreams(output, error);
        var exitCode = await new CommandLine(Verbs.All()).RunAsync(
            arguments,
            name => name == "HOME" ? home.Folder : home.Variables.GetValueOrDefault(name),
            globals => globals.Json ? new JsonOutput(streams) : new HumanOutput(streams, new TextStyle(colours: false, width: 80)));
        return new CliResult(exitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }
}
