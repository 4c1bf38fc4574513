using System.Text;

namespace ClawEvents.Cli.Output;

/// <summary>Standard output and standard error, each text in one write, so that two processes on a terminal do not mix lines.</summary>
internal sealed class OutputStreams(Stream stdout, Stream stderr)
{
    /// <summary>Writes a result.</summary>
    /// <exception cref="IOException">It cannot be written, for example because the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">Standard output is closed.</exception>
    public void WriteResult(ReadOnlySpan<byte> text)
    {
        stdout.Write(text);
        stdout.Flush();
    }

    /// <inheritdoc cref="WriteResult(ReadOnlySpan{byte})"/>
    public void WriteResult(StringBuilder text) => WriteResult(Encoding.UTF8.GetBytes(text.ToString()));

    /// <summary>Writes an error or a notice; does not throw.</summary>
    public void WriteError(ReadOnlySpan<byte> text)
    {
        try
        {
            stderr.Write(text);
            stderr.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is nowhere else to report it; the exit code still shows the failure.
        }
    }

    /// <inheritdoc cref="WriteError(ReadOnlySpan{byte})"/>
    public void WriteError(StringBuilder text) => WriteError(Encoding.UTF8.GetBytes(text.ToString()));
}
