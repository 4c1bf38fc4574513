using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>JSON in and out without reflection, with the limits the whole client uses.</summary>
internal static class JsonText
{
    /// <summary>.NET stops at 64 levels, JavaScript does not: a deeper payload must not turn into text on its way.</summary>
    public const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    };

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>One compact object as UTF-8.</summary>
    public static byte[] Object(WriteMembers members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value of <paramref name="text"/>, which lives as long as it is referenced; null if it is not JSON.</summary>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> text)
    {
        try
        {
            // The clone owns its memory: nobody has to dispose it, and one run parses one or two of them.
            using var document = JsonDocument.Parse(text, Reading);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The member's text, or null if it is absent or something else than a string.</summary>
    public static string? StringMember(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var member)
        && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;

    /// <summary>The member's whole number, or null if it is absent or something else.</summary>
    public static long? IntegerMember(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var member)
        && member.ValueKind == JsonValueKind.Number
        && member.TryGetInt64(out var number)
            ? number
            : null;
}
