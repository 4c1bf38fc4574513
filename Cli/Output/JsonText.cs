using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>JSON in and out without reflection, with the limits the whole client uses.</summary>
internal static class JsonText
{
    /// <summary>.NET stops at 64 levels, JavaScript does not: a deeper payload must not turn into text on its way.</summary>
    public const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    };

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>One compact object as UTF-8.</summary>
    public static byte[] Object(WriteMembers members) => Write(json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });

    /// <summary>Any value without spaces, numbers as they were written, as UTF-8.</summary>
    public static byte[] Compact(JsonElement value) => Write(value.WriteTo);

    private static byte[] Write(WriteMembers value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            value(json);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value of <paramref name="text"/>, which lives as long as it is referenced; null if it is not JSON.</summary>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> text) => TryParse(text, out _);

    /// <inheritdoc cref="TryParse(ReadOnlyMemory{byte})"/>
    /// <param name="text">UTF-8.</param>
    /// <param name="problem">Why it is not JSON and where, one line; null if it is.</param>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> text, out string? problem)
    {
        problem = null;
        try
        {
            // The clone owns its memory: nothing has to be disposed, and a run parses only one or two documents.
            using var document = JsonDocument.Parse(text, Reading);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            problem = SystemText.Reason(exception);
            return null;
        }
    }

    /// <summary>The value of an object's member; null if it is absent.</summary>
    public static JsonElement? Member(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>Writes a member with this value; null if there is none.</summary>
    public static void WriteMember(this Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement? value)
    {
        json.WritePropertyName(name);
        if (value is { } given)
        {
            given.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>Writes a member that is a list of these values.</summary>
    public static void WriteList(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<JsonElement> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            value.WriteTo(json);
        }
        json.WriteEndArray();
    }

    /// <summary>Writes all members of an object into the one that is being written.</summary>
    /// <param name="except">The names of members to leave out.</param>
    public static void WriteMembersOf(this Utf8JsonWriter json, JsonElement source, params ReadOnlySpan<string> except)
    {
        foreach (var member in source.EnumerateObject())
        {
            if (!except.Contains(member.Name))
            {
                member.WriteTo(json);
            }
        }
    }

    /// <summary>The member's text, or null if it is absent or something else than a string.</summary>
    public static string? StringMember(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    /// <summary>The member's whole number, or null if it is absent or something else.</summary>
    public static long? IntegerMember(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt64(out var number) ? number : null;

    /// <summary>The elements of the member's list; none if it is absent or something else.</summary>
    public static IEnumerable<JsonElement> ListMember(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
