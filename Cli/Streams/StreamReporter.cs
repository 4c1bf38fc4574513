using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>Writes the messages of a stream to stderr: errors always, notices unless quiet, details if verbose.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StreamReporter(IOutput output, bool verbose, bool quiet)
{
    private bool _saidListening;

    public void WriteDetail(string line)
    {
        if (verbose)
        {
            output.WriteNotice(line);
        }
    }

    public void WriteNotice(string line)
    {
        if (!quiet)
        {
            output.WriteNotice(line);
        }
    }

    /// <summary>Says on a terminal, once, that messages arrive from now on; with verbose, details have said it already.</summary>
    public void WriteListening(IEnumerable<string> channels)
    {
        if (!verbose && !quiet && Interlocked.Exchange(ref _saidListening, true) is false)
        {
            output.WriteHint($"Listening to {string.Join(", ", channels)}; Ctrl-C ends it");
        }
    }

    /// <summary>Shows what the client waits for, as <see cref="IOutput.BeginWait"/> does; with verbose, a detail has said it already.</summary>
    public IDisposable? BeginWait(string line) => verbose || quiet ? null : output.BeginWait(line);

    /// <summary>Reports an error that does not end the stream.</summary>
    public void WriteError(string line) => output.WriteNotice(line);

    /// <summary>Reports that a subscription ended for good.</summary>
    /// <param name="isTokenGivenUp">Whether the token might have helped, had the server accepted it.</param>
    public void WriteRefusal(string channel, string reason, bool isTokenGivenUp) => output.Write(Refusal(channel, reason, isTokenGivenUp));

    private static Failure Refusal(string channel, string reason, bool isTokenGivenUp) => reason.EndsWith(ChannelAdvice.UnusableName, StringComparison.Ordinal)
        ? new Failure($"Unsubscribed from {channel}: {reason}", ChannelAdvice.Fixes(channel, needsOwner: false)) { Plain = $"Unsubscribed from {channel}: {ChannelAdvice.Problem(channel, needsOwner: false)}" }
        : new Failure($"Unsubscribed from {channel}: {reason}",
        isTokenGivenUp ? "Log in again: claw.events login --user <name>" : $"Ask the owner for access: claw.events request {channel}",
        "Check who is logged in: claw.events whoami");
}
