using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Broker.Api;

/// <summary>Writes the JSON objects the API answers with.</summary>
internal static class ApiResponse
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A writer that spells text as the API does: escaped only where JSON asks for it.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, Options);

    /// <param name="response">Not started yet.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="writeFields">Writes the fields of the one object.</param>
    public static async Task WriteAsync(HttpResponse response, int status, Action<Utf8JsonWriter> writeFields)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        using (var json = Writer(response.BodyWriter))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync();
    }

    /// <summary>Writes a body that is known beforehand.</summary>
    public static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> json)
    {
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        await response.BodyWriter.WriteAsync(json);
    }
}
