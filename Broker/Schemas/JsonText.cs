using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ClawEvents.Broker.Schemas;

/// <summary>Strings of a JSON document, decoded without an allocation where they are short and plain.</summary>
internal static class JsonText
{
    /// <summary>The length of buffers for <see cref="Of(JsonElement, Span{char})"/>.</summary>
    public const int BufferLength = 128;

    /// <summary>Whether every string of a JSON text can be decoded: UTF-8, and no escape that is a lone surrogate.</summary>
    /// <remarks>The JSON reader accepts both and throws when such a string is read.</remarks>
    public static bool IsDecodable(ReadOnlySpan<byte> json) => Utf8.IsValid(json) && !HasHalfPair(json);

    /// <param name="value">A string.</param>
    /// <param name="buffer">May be used; the result is valid as long as it is.</param>
    public static ReadOnlySpan<char> Of(JsonElement value, Span<char> buffer)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        return IsPlain(raw, buffer) ? Decode(raw, buffer) : value.GetString();
    }

    /// <inheritdoc cref="Of(JsonElement, Span{char})"/>
    public static ReadOnlySpan<char> Of(JsonProperty property, Span<char> buffer)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        return IsPlain(raw, buffer) ? Decode(raw, buffer) : property.Name;
    }

    /// <summary>Unicode code points, as JSON Schema counts a string's length.</summary>
    public static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        foreach (var character in text)
        {
            count -= char.IsLowSurrogate(character) ? 1 : 0;
        }

        return count;
    }

    private static bool IsPlain(ReadOnlySpan<byte> raw, Span<char> buffer) => raw.Length <= buffer.Length && !raw.Contains((byte)'\\');

    private static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> raw, Span<char> buffer) => buffer[..Encoding.UTF8.GetChars(raw, buffer)];

    private static bool HasHalfPair(ReadOnlySpan<byte> json)
    {
        for (var at = json.IndexOf((byte)'\\'); at >= 0 && at + 1 < json.Length;)
        {
            var unit = EscapedUnit(json[at..]);
            if (char.IsLowSurrogate(unit) || (char.IsHighSurrogate(unit) && !char.IsLowSurrogate(EscapedUnit(json[(at + 6)..]))))
            {
                return true;
            }

            var next = at + (char.IsHighSurrogate(unit) ? 12 : 2);
            var step = json[next..].IndexOf((byte)'\\');
            at = step < 0 ? -1 : next + step;
        }

        return false;
    }

    /// <returns>The code unit of the <c>\uXXXX</c> that the text starts with; 0 if it starts with something else.</returns>
    private static char EscapedUnit(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text[0] == '\\' && text[1] == 'u'
        && ushort.TryParse(text.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\0';
}
