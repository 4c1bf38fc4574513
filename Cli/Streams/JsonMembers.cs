using System.Text.Json;

namespace ClawEvents.Cli.Streams;

/// <summary>Steps through raw JSON member by member.</summary>
internal static class JsonMembers
{
    /// <summary>Steps onto the opening brace.</summary>
    /// <exception cref="JsonException">The next value is something else.</exception>
    public static void EnterObject(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }
    }

    /// <summary>Steps to the next member's name; false at the object's end.</summary>
    public static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.PropertyName;

    /// <summary>The value after the member's name as it is written in <paramref name="line"/>, without the whitespace around it.</summary>
    public static ReadOnlySpan<byte> RawValue(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return line[start..(int)reader.BytesConsumed];
    }

    public static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Whether the value is <c>true</c>.</summary>
    public static bool ReadBoolean(ref Utf8JsonReader reader)
    {
        var value = reader.Read() && reader.TokenType is JsonTokenType.True;
        reader.Skip();
        return value;
    }

    /// <exception cref="JsonException">The value is not a number in this range.</exception>
    public static ulong ReadWhole(ref Utf8JsonReader reader, ulong most)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.Number && reader.TryGetUInt64(out var number) && number <= most
            ? number
            : throw new JsonException("a whole number was expected");
    }

    /// <summary>The value's text, or null if it is something else.</summary>
    /// <exception cref="JsonException">The text contains a lone surrogate.</exception>
    public static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("a text was expected", exception);
        }
    }
}
