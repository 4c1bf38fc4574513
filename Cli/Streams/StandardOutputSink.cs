using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ClawEvents.Cli.Streams;

/// <summary>Publications as JSON lines on standard output.</summary>
internal sealed class StandardOutputSink(Stream output, TimeProvider time) : IPublicationSink
{
    // A burst leaves in writes of this size: what a pipe takes at once.
    private const int FlushBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _lines = new(FlushBytes);

    /// <summary>Standard output as a stream that tells when its reader is gone.</summary>
    /// <remarks>The console's own stream swallows that. It stays in use for files, where it keeps the position that the shell's
    /// other commands share.</remarks>
    public static Stream OpenStandardOutput()
    {
        const int HandleNumber = 1;
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.OpenStandardOutput();
        }
        var direct = new FileStream(new SafeFileHandle(HandleNumber, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return direct.CanSeek ? Console.OpenStandardOutput() : direct;
    }

    /// <inheritdoc/>
    /// <exception cref="StandardOutputException">A full buffer could not be written.</exception>
    /// <remarks>Hot path: no allocation once the buffer has grown to its size.</remarks>
    public void Write(in ServerMessage publication)
    {
        PublicationLine.Write(publication, time.GetUtcNow().ToUnixTimeMilliseconds(), _lines);
        _lines.Write("\n"u8);
        if (_lines.WrittenCount >= FlushBytes)
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="StandardOutputException">It could not be written.</exception>
    public void Flush()
    {
        if (_lines.WrittenCount == 0)
        {
            return;
        }
        try
        {
            output.Write(_lines.WrittenSpan);
        }
        catch (IOException exception)
        {
            throw new StandardOutputException(exception);
        }
        _lines.ResetWrittenCount();
    }
}
