using System.Buffers;
using System.IO.Compression;

namespace ClawEvents.Broker.Frames;

/// <summary>The result of inflating a message.</summary>
internal enum InflateStatus : byte
{
    Done,

    /// <summary>It would grow past its limit; inflating stopped there.</summary>
    TooBig,

    /// <summary>It is not valid deflate data.</summary>
    Malformed,
}

/// <summary>Compression of single messages (RFC 7692, permessage-deflate), without context takeover on either side.</summary>
/// <remarks>So each message stands alone: it is compressed once for all subscribers, and a connection keeps nothing between messages. Thread-safe.</remarks>
internal static class MessageDeflate
{
    // How many times the longest message, as it is received, an inflated one may be long.
    private const int MostGrowth = 10;

    // How many bytes a received byte may become in a message that is longer than an uncompressed one may be. Text gains 3 to 30, a bomb 1,000.
    private const int MostRatio = 100;

    // Shorter messages gain nothing, and zlib's state takes tens of microseconds to set up.
    private const int LeastBytes = 64;

    // RFC 7692, section 7.2.1: the end of each flush, which is left out of the message.
    private const int TailBytes = 4;

    // Section 7.2.2 puts it back; the empty last block after it marks the end for the reader.
    private static ReadOnlySpan<byte> End => [0x00, 0x00, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0xFF, 0xFF];

    private static readonly ZLibCompressionOptions[] Levels = [.. Enumerable.Range(0, 10).Select(level => new ZLibCompressionOptions { CompressionLevel = level })];

    [ThreadStatic]
    private static MemoryStream? _outputOfThisThread;

    /// <summary>The limit of an inflated message in bytes. It grows with what was received, so that inflating costs a client as well.</summary>
    /// <param name="compressedBytes">As received.</param>
    /// <param name="maxMessageBytes">The limit of a message as received.</param>
    /// <param name="limit">Of the settings; 0: ten times the other.</param>
    public static int MaxInflatedBytes(int compressedBytes, int maxMessageBytes, int limit = 0) =>
        (int)Math.Min(limit > 0 ? limit : (long)maxMessageBytes * MostGrowth, Math.Max(maxMessageBytes, (long)compressedBytes * MostRatio));

    /// <param name="payload">A message.</param>
    /// <param name="compressed">Shorter than the message; valid until the next call on this thread.</param>
    /// <returns>False when compression would not make it shorter.</returns>
    public static bool TryCompress(ReadOnlySpan<byte> payload, CompressionRule rule, out ReadOnlySpan<byte> compressed)
    {
        compressed = default;
        if (payload.Length < Math.Max(rule.FromBytes, LeastBytes))
        {
            return false;
        }

        var output = _outputOfThisThread ??= new MemoryStream();
        output.SetLength(0);
        int length;
        using (var deflate = new DeflateStream(output, Levels[rule.Level], leaveOpen: true))
        {
            deflate.Write(payload);
            deflate.Flush();
            length = (int)output.Length - TailBytes;
        }

        compressed = output.GetBuffer().AsSpan(0, length);
        return length < payload.Length;
    }

    /// <param name="compressed">A whole message, joined from its frames.</param>
    /// <param name="maxBytes">The limit of the result.</param>
    /// <param name="message">With <see cref="InflateStatus.Done"/> the message, which the caller disposes; otherwise null.</param>
    public static InflateStatus TryInflate(ReadOnlySpan<byte> compressed, int maxBytes, out FragmentedMessage? message)
    {
        var length = compressed.Length + End.Length;
        var input = ArrayPool<byte>.Shared.Rent(length);
        message = new FragmentedMessage(Opcode.Binary, maxBytes);
        var status = InflateStatus.Malformed;
        try
        {
            compressed.CopyTo(input);
            End.CopyTo(input.AsSpan(compressed.Length));
            using var inflate = new DeflateStream(new MemoryStream(input, 0, length), CompressionMode.Decompress);
            status = message.TryAppendAll(inflate) ? InflateStatus.Done : InflateStatus.TooBig;
        }
        catch (InvalidDataException)
        {
            // The status reports it.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
            if (status is not InflateStatus.Done)
            {
                message.Dispose();
                message = null;
            }
        }

        return status;
    }
}
