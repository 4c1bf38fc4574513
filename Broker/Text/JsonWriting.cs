using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace ClawEvents.Broker.Text;

/// <summary>Writes JSON into a buffer: numbers, strings and raw JSON.</summary>
internal static class JsonWriting
{
    private const int LongestNumber = 20;

    // \u001f
    private const int LongestEscape = 6;

    // Characters that JSON forbids within a string (RFC 8259, section 7).
    private static readonly SearchValues<char> EscapedCharacters = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\']);

    /// <returns>The text as a JSON string, quotes included: for names that are written many times.</returns>
    public static byte[] Quote(string text) => Encoding.UTF8.GetBytes($"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"");

    /// <summary>Writes a number in decimal.</summary>
    public static void WriteNumber(this IBufferWriter<byte> output, long value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(LongestNumber), out var written);
        output.Advance(written);
    }

    /// <inheritdoc cref="WriteNumber(IBufferWriter{byte}, long)"/>
    public static void WriteNumber(this IBufferWriter<byte> output, ulong value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(LongestNumber), out var written);
        output.Advance(written);
    }

    /// <summary>Writes text as a JSON string. Half a surrogate pair comes out as U+FFFD.</summary>
    public static void WriteString(this IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        for (var end = text.IndexOfAny(EscapedCharacters); end >= 0; end = text.IndexOfAny(EscapedCharacters))
        {
            WriteUtf8(output, text[..end]);
            output.Advance(Escape((byte)text[end], output.GetSpan(LongestEscape)));
            text = text[(end + 1)..];
        }

        WriteUtf8(output, text);
        output.Write("\""u8);
    }

    /// <summary>Writes valid UTF-8 as a JSON string.</summary>
    public static void WriteString(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        const int partLength = 256;
        output.Write("\""u8);
        while (!utf8.IsEmpty)
        {
            var part = utf8[..Math.Min(utf8.Length, partLength)];
            output.Advance(Escape(part, output.GetSpan(part.Length * LongestEscape)));
            utf8 = utf8[part.Length..];
        }

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
    /// carriage return ends a line in an event stream. (Within a string JSON forbids both.) The rest stays as the client wrote it.
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

    /// <returns>The text of a valid JSON value without the white space between its tokens; the tokens stay as the client wrote them.</returns>
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

    private static void WriteUtf8(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        const int longestCharacter = 3;
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(text.Length * longestCharacter)));
    }

    // JSON within a string has something to escape every few bytes: a search for the next place cost three times as much as looking at each.
    private static int Escape(ReadOnlySpan<byte> utf8, Span<byte> escaped)
    {
        var length = 0;
        foreach (var character in utf8)
        {
            if (character >= ' ' && character is not ((byte)'"' or (byte)'\\'))
            {
                escaped[length++] = character;
            }
            else
            {
                length += Escape(character, escaped[length..]);
            }
        }

        return length;
    }

    /// <returns>Bytes written.</returns>
    private static int Escape(byte character, Span<byte> escaped)
    {
        var shortForm = character switch
        {
            (byte)'"' or (byte)'\\' => character,
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            _ => (byte)0,
        };
        if (shortForm != 0)
        {
            escaped[0] = (byte)'\\';
            escaped[1] = shortForm;
            return 2;
        }

        "\\u00"u8.CopyTo(escaped);
        Utf8Formatter.TryFormat(character, escaped[4..], out _, new StandardFormat('x', 2));
        return LongestEscape;
    }
}
