using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace ClawEvents.Broker.Protocol;

/// <summary>What the writers of this room share: numbers and raw JSON into a buffer.</summary>
internal static class JsonWriting
{
    private const int LongestNumber = 20;

    // What JSON forbids within a string (RFC 8259, section 7).
    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (byte)code), (byte)'"', (byte)'\\']);
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
            WriteEscape(output, (byte)text[end]);
            text = text[(end + 1)..];
        }

        WriteUtf8(output, text);
        output.Write("\""u8);
    }

    /// <summary>Writes valid UTF-8 as a JSON string.</summary>
    public static void WriteString(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        output.Write("\""u8);
        for (var end = utf8.IndexOfAny(EscapedBytes); end >= 0; end = utf8.IndexOfAny(EscapedBytes))
        {
            output.Write(utf8[..end]);
            WriteEscape(output, utf8[end]);
            utf8 = utf8[(end + 1)..];
        }

        output.Write(utf8);
        output.Write("\""u8);
    }

    /// <summary>Writes <c>{"code":C,"message":TEXT}</c>, which replies to commands and to calls of the server API carry.</summary>
    public static void WriteError(this IBufferWriter<byte> output, ErrorCode error)
    {
        output.Write("{\"code\":"u8);
        output.WriteNumber(error.Code);
        output.Write(",\"message\":"u8);
        output.WriteString(error.Message);
        output.Write(error.Temporary ? ",\"temporary\":true}"u8 : "}"u8);
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

    private static void WriteUtf8(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        const int longestCharacter = 3;
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(text.Length * longestCharacter)));
    }

    private static void WriteEscape(IBufferWriter<byte> output, byte character)
    {
        var escape = output.GetSpan(6);
        escape[0] = (byte)'\\';
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
            escape[1] = shortForm;
            output.Advance(2);
            return;
        }

        "u00"u8.CopyTo(escape[1..]);
        Utf8Formatter.TryFormat(character, escape[4..], out _, new StandardFormat('x', 2));
        output.Advance(6);
    }
}
