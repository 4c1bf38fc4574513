using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>What a stream says on stderr: errors always, notices unless quiet, details if verbose.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StreamReporter(IOutput output, bool verbose, bool quiet)
{
    public void Detail(string line)
    {
        if (verbose)
        {
            output.Notice(line);
        }
    }

    public void Notice(string line)
    {
        if (!quiet)
        {
            output.Notice(line);
        }
    }

    /// <summary>Says what is waited for while it takes long, as <see cref="IOutput.BeginWait"/>; verbose has said it already.</summary>
    public IDisposable? BeginWait(string line) => verbose || quiet ? null : output.BeginWait(line);

    /// <summary>Something went wrong that does not end the stream.</summary>
    public void Error(string line) => output.Notice(line);

    /// <summary>A subscription ended for good.</summary>
    public void Refused(string channel, string reason) => output.Write(new Failure(
        $"Unsubscribed from {channel}: {reason}",
        $"Ask the owner for access: claw.events request {channel}",
        "Check who you are: claw.events whoami"));
}
