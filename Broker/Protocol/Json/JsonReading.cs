using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Shared by the JSON readers: names without regard to case, values as slices of the text they came in.</summary>
/// <remarks>
/// Each member that reads a value starts on its property name and ends on the value's last token. They throw
/// <see cref="JsonException"/> for text that is not JSON and <see cref="InvalidOperationException"/> for an escape that is half a surrogate pair.
/// </remarks>
internal static class JsonReading
{
    public static readonly JsonReaderOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    /// <summary>A method that reads one text from its beginning, into a value that has its defaults.</summary>
    public delegate bool TextReader<T>(ReadOnlyMemory<byte> json, ref T value);

    /// <summary>A method that reads the field whose name the reader is on, or ignores it.</summary>
    /// <returns>False when the field has a wrong type.</returns>
    public delegate bool FieldReader<T>(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref T value);

    /// <summary>Calls a method that reads untrusted text.</summary>
    /// <returns>False also when the text is not JSON.</returns>
    public static bool Try<T>(TextReader<T> read, ReadOnlyMemory<byte> json, ref T value)
    {
        try
        {
            return read(json, ref value);
        }
        catch (JsonException)
        {
            // Text that is not JSON; the reader has no other way to report it.
            return false;
        }
        catch (InvalidOperationException)
        {
            // A string with an escape that is half a surrogate pair, or a byte sequence that is not UTF-8.
            return false;
        }
    }

    /// <summary>Reads the fields of an object.</summary>
    /// <param name="reader">On the object's start; afterwards on its end.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="value">Fields that come replace the ones it had.</param>
    /// <param name="readField">Called for each field.</param>
    public static bool TryReadFields<T>(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref T value, FieldReader<T> readField)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!readField(ref reader, json, ref value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the property name under the reader is <paramref name="name"/>, in any case.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? Ascii.EqualsIgnoreCase(Unescape(ref reader), name) : Ascii.EqualsIgnoreCase(reader.ValueSpan, name);

    /// <returns>False when the value is not a whole number from 0 to 2^32 - 1.</returns>
    public static bool TryReadId(ref Utf8JsonReader reader, out uint id)
    {
        id = 0;
        return reader.Read() && reader.TokenType is JsonTokenType.Number && reader.TryGetUInt32(out id);
    }

    /// <returns>False when the value is neither a boolean nor null, which stands for false.</returns>
    public static bool TryReadFlag(ref Utf8JsonReader reader, out bool value)
    {
        reader.Read();
        value = reader.TokenType is JsonTokenType.True;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null;
    }

    /// <param name="reader">On a property name.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="text">The string, unescaped: a slice of <paramref name="json"/> unless there was an escape. Empty for null.</param>
    /// <returns>False when the value is neither a string nor null.</returns>
    public static bool TryReadText(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, out ReadOnlyMemory<byte> text)
    {
        reader.Read();
        text = reader.TokenType is not JsonTokenType.String ? default
            : reader.ValueIsEscaped ? Unescape(ref reader)
            : json.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    /// <param name="reader">On a property name.</param>
    /// <param name="text">The string, unescaped; empty for null.</param>
    /// <returns>False when the value is neither a string nor null.</returns>
    public static bool TryReadString(ref Utf8JsonReader reader, out string text)
    {
        reader.Read();
        text = reader.TokenType is JsonTokenType.String ? reader.GetString()! : "";
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    /// <returns>False when the value is neither a whole number that fits nor null, which stands for 0.</returns>
    public static bool TryReadUInt64(ref Utf8JsonReader reader, out ulong value)
    {
        reader.Read();
        value = 0;
        return reader.TokenType is JsonTokenType.Null || (reader.TokenType is JsonTokenType.Number && reader.TryGetUInt64(out value));
    }

    /// <inheritdoc cref="TryReadUInt64"/>
    public static bool TryReadInt64(ref Utf8JsonReader reader, out long value)
    {
        reader.Read();
        value = 0;
        return reader.TokenType is JsonTokenType.Null || (reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out value));
    }

    /// <inheritdoc cref="TryReadUInt64"/>
    public static bool TryReadInt32(ref Utf8JsonReader reader, out int value)
    {
        reader.Read();
        value = 0;
        return reader.TokenType is JsonTokenType.Null || (reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out value));
    }

    /// <returns>The property name under the reader, unescaped: a slice of <paramref name="json"/> unless there was an escape.</returns>
    public static ReadOnlyMemory<byte> ReadName(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json) =>
        reader.ValueIsEscaped ? Unescape(ref reader) : json.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);

    /// <param name="reader">On a property name.</param>
    /// <param name="json">The text that the reader reads.</param>
    /// <param name="data">The value's text as it stands in <paramref name="json"/>.</param>
    /// <returns>True: any value is accepted.</returns>
    public static bool TryReadData(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, out ReadOnlyMemory<byte>? data)
    {
        data = ReadRaw(ref reader, json);
        return true;
    }

    /// <returns>The value's text as it stands in <paramref name="json"/>.</returns>
    public static ReadOnlyMemory<byte> ReadRaw(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    /// <summary>Ignores a value.</summary>
    /// <returns>True: any value is accepted.</returns>
    public static bool Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return true;
    }

    private static byte[] Unescape(ref Utf8JsonReader reader) => Encoding.UTF8.GetBytes(reader.GetString()!);
}
