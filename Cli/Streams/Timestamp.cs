using System.Buffers;
using System.Globalization;

namespace ClawEvents.Cli.Streams;

/// <summary>The time of a message as text, always in UTC and of the same length: <c>2026-12-31T18:00:00.000Z</c>.</summary>
internal static class Timestamp
{
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Writes it with a blank before each message.</summary>
    public static WritePublication Before(WritePublication format) => (in Publication publication, long receivedAt, IBufferWriter<byte> output) =>
    {
        Write(publication.Envelope.Milliseconds ?? receivedAt, output);
        output.Write(" "u8);
        format(publication, receivedAt, output);
    };

    /// <param name="milliseconds">Unix time. A sender may claim any number: years that cannot be shown become the nearest one.</param>
    public static void Write(long milliseconds, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(24);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, Latest)).UtcDateTime;
        time.TryFormat(span, out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
