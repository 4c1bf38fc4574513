using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>A problem with a child.</summary>
/// <param name="Text">One line for stderr.</param>
/// <param name="Started">Whether it ran at all: a child that ran reports its own errors.</param>
/// <param name="IsFinal">Whether another attempt would end in the same way.</param>
internal sealed record ChildTrouble(string Text, bool Started, bool IsFinal = false);

/// <summary>Runs one child to its end.</summary>
internal sealed class ChildRunner(ChildCommand command, StreamReporter reporter)
{
    private const int NoSuchFile = 2;

    /// <summary>Runs a child for one event or batch.</summary>
    /// <param name="attempt">Which one it is, from 1; null if there is no second one.</param>
    /// <returns>null if the child exited with 0.</returns>
    public async Task<ChildTrouble?> RunAsync(HandOver handOver, int? attempt = null)
    {
        var variables = ChildVariables.Of(handOver) with { Attempt = attempt };
        var subject = handOver.IsBatch
            ? string.Create(CultureInfo.InvariantCulture, $"batch of {handOver.Count} on {variables.Channel}")
            : $"event on {variables.Channel}";
        var fits = handOver.Json.Length <= ChildCommand.MaxArgumentBytes;
        if (!fits && !command.WithInput)
        {
            return new ChildTrouble(TooLarge(handOver.Json.Length, subject), Started: false, IsFinal: true);
        }

        var start = fits
            ? command.StartInfo(command.WithArgument ? Encoding.UTF8.GetString(handOver.Json) : null, variables.All)
            : command.StartInfo(null, variables.WithoutPayload);
        return start is null ? NotStarted(subject, new Win32Exception(NoSuchFile)) : await RunAsync(start, handOver.Json, subject);
    }

    private async Task<ChildTrouble?> RunAsync(ProcessStartInfo start, byte[] json, string subject)
    {
        using var child = new Process { StartInfo = start };
        try
        {
            child.Start();
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
        {
            return NotStarted(subject, exception);
        }
        await WriteInputAsync(child, json);
        await child.WaitForExitAsync();

        var line = string.Create(CultureInfo.InvariantCulture, $"Command exited with code {child.ExitCode} for {subject}");
        if (child.ExitCode != 0)
        {
            return new ChildTrouble(line, Started: true);
        }
        reporter.WriteDetail(line);
        return null;
    }

    private async Task WriteInputAsync(Process child, byte[] json)
    {
        try
        {
            await using var input = child.StandardInput.BaseStream;
            if (command.WithInput)
            {
                await input.WriteAsync(json);
                await input.WriteAsync("\n"u8.ToArray());
            }
        }
        catch (IOException exception)
        {
            // A command need not read it: many use only the argument.
            reporter.WriteDetail($"The command did not read its input to the end: {exception.Message}");
        }
    }

    private static string TooLarge(int length, string subject) => string.Create(
        CultureInfo.InvariantCulture,
        $"Not handed over: {subject}: {length} bytes exceed the limit of {ChildCommand.MaxArgumentBytes} for an argument; use --stdin");

    // The runtime's message repeats the command and the folder before the reason.
    private static ChildTrouble NotStarted(string subject, Exception exception)
    {
        var reason = exception is Win32Exception { NativeErrorCode: var code } ? new Win32Exception(code).Message : exception.Message;
        return new ChildTrouble($"Failed to execute command for {subject}: {reason}", Started: false);
    }
}
