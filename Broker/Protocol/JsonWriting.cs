using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace ClawEvents.Broker.Protocol;

/// <summary>What the writers of this room share: numbers and raw JSON into a buffer.</summary>
internal static class JsonWriting
{
    /// <returns>The text as a JSON string, quotes included: for names that are written many times.</returns>
    public static byte[] Quote(string text) => Encoding.UTF8.GetBytes($"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"");

    /// <summary>Writes a number in decimal.</summary>
    public static void WriteNumber(this IBufferWriter<byte> output, long value)
    {
        const int longest = 20;
        Utf8Formatter.TryFormat(value, output.GetSpan(longest), out var written);
        output.Advance(written);
    }

    /// <summary>Writes text known to be ASCII that needs no escape, between quotes.</summary>
    public static void WriteQuotedAscii(this IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));
        output.Write("\""u8);
    }

    /// <summary>Writes a connection's id, a UUID, between quotes.</summary>
    public static void WriteQuoted(this IBufferWriter<byte> output, Guid id)
    {
        const int length = 36;
        output.Write("\""u8);
        Utf8Formatter.TryFormat(id, output.GetSpan(length), out var written);
        output.Advance(written);
        output.Write("\""u8);
    }

    /// <summary>
    /// Writes a payload that is valid JSON without the line breaks between its tokens: a line feed separates messages, and a
    /// carriage return ends a line in an event stream. (Within a string JSON forbids both.) All else stays as the client spelt it.
    /// </summary>
    public static void WritePayload(this IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        for (var end = json.IndexOfAny((byte)'\n', (byte)'\r'); end >= 0; end = json.IndexOfAny((byte)'\n', (byte)'\r'))
        {
            output.Write(json[..end]);
            json = json[(end + 1)..];
        }

        output.Write(json);
    }

    /// <returns>The text of a valid JSON value without the blanks between its tokens; these stay as the client spelt them.</returns>
    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        var compact = new byte[json.Length];
        var length = 0;
        var (isInString, isEscaped) = (false, false);
        foreach (var character in json)
        {
            if (isInString || character is not ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                compact[length++] = character;
            }

            isInString ^= character == (byte)'"' && !isEscaped;
            isEscaped = character == (byte)'\\' && !isEscaped;
        }

        return compact[..length];
    }
}
