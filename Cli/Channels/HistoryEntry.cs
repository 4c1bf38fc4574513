using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

// {"data":{"_claw":{"sender":"alice","timestamp":<ms>},"payload":<json>},"offset":7}
/// <summary>Reads one publication of a history.</summary>
internal static class HistoryEntry
{
    /// <summary>0 if it has none, which no publication of a history is without.</summary>
    public static ulong OffsetOf(JsonElement publication) =>
        publication.Member("offset"u8) is { ValueKind: JsonValueKind.Number } offset && offset.TryGetUInt64(out var number) ? number : 0;

    /// <summary>When it was published, Unix milliseconds: from its envelope, or as the server says; null if neither does.</summary>
    public static long? TimeOf(JsonElement publication) =>
        publication.Member("data"u8)?.Member("_claw"u8)?.IntegerMember("timestamp"u8) ?? publication.IntegerMember("time"u8);

    /// <summary>Writes the line without its line end: that of <c>sub</c>, and the offset.</summary>
    /// <param name="channel">A JSON string with its quotes.</param>
    public static void WriteLine(JsonElement publication, ReadOnlySpan<byte> channel, IBufferWriter<byte> output)
    {
        var content = new Publication
        {
            Channel = channel,
            // Data that is not JSON has another member, and only the server API gives it.
            Envelope = (publication.Member("data"u8) ?? publication.Member("b64data"u8)) is { } data ? Envelope.Read(InOneLine(data)) : default,
            Offset = OffsetOf(publication),
        };
        PublicationLine.WriteStored(content, TimeOf(publication), output);
    }

    // As it was published, unless a server writes its answers over several lines.
    private static ReadOnlySpan<byte> InOneLine(JsonElement data) =>
        JsonMarshal.GetRawUtf8Value(data) is var raw && raw.ContainsAny("\r\n"u8) ? JsonText.Compact(data) : raw;
}
