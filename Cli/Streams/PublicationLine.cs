using System.Buffers;
using System.Globalization;

namespace ClawEvents.Cli.Streams;

// {"channel":<name>,"sender":<name>,"payload":<json>,"timestamp":<ms>}
/// <summary>One publication as the line that <c>sub</c> prints and <c>subexec</c> hands to its child.</summary>
internal static class PublicationLine
{
    /// <summary>Writes the line with its line end.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteLine(in Publication publication, long receivedAt, IBufferWriter<byte> output)
    {
        Write(publication, receivedAt, output);
        output.Write("\n"u8);
    }

    /// <summary>Writes the line without its line end.</summary>
    /// <param name="publication">Its raw JSON is copied, so that numbers keep their spelling.</param>
    /// <param name="receivedAt">Unix milliseconds, used if the publication carries no time.</param>
    /// <remarks>Hot path: no allocation.</remarks>
    public static void Write(in Publication publication, long receivedAt, IBufferWriter<byte> output)
    {
        WriteMembers(publication, receivedAt, output);
        output.Write("}"u8);
    }

    /// <summary>Writes the line of a publication from a history, which has its offset, too: <c>{…,"timestamp":&lt;ms&gt;,"offset":7}</c>.</summary>
    /// <param name="publication">As for <see cref="Write"/>.</param>
    /// <param name="time">Unix milliseconds, used if the publication carries no time; null is written as <c>null</c>.</param>
    public static void WriteStored(in Publication publication, long? time, IBufferWriter<byte> output)
    {
        WriteMembers(publication, time, output);
        output.Write(",\"offset\":"u8);
        WriteNumber(publication.Offset, output);
        output.Write("}"u8);
    }

    private static void WriteMembers(in Publication publication, long? time, IBufferWriter<byte> output)
    {
        var envelope = publication.Envelope;
        output.Write("{\"channel\":"u8);
        output.Write(publication.Channel.IsEmpty ? "\"\""u8 : publication.Channel);
        output.Write(",\"sender\":"u8);
        output.Write(envelope.Sender.IsEmpty ? "\"unknown\""u8 : envelope.Sender);
        output.Write(",\"payload\":"u8);
        output.Write(envelope.Payload.IsEmpty ? "null"u8 : envelope.Payload);
        output.Write(",\"timestamp\":"u8);
        if (!envelope.Timestamp.IsEmpty)
        {
            output.Write(envelope.Timestamp);
        }
        else if (time is { } known)
        {
            WriteNumber(known, output);
        }
        else
        {
            output.Write("null"u8);
        }
    }

    /// <summary>Writes a whole number of at most 64 bits.</summary>
    public static void WriteNumber<T>(T number, IBufferWriter<byte> output)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(output.GetSpan(20), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
