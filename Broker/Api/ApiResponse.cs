using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Broker.Api;

/// <summary>Writes the JSON objects of the API's answers.</summary>
internal static class ApiResponse
{
    // Lists are sent in pieces of about this size.
    private const int PieceBytes = 64 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A writer that escapes text only where JSON requires it.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, Options);

    /// <param name="response">Not started yet.</param>
    /// <param name="writeFields">Writes the fields of the object.</param>
    public static Task WriteAsync(HttpResponse response, int status, Action<Utf8JsonWriter> writeFields)
    {
        var body = Make(writeFields);
        response.StatusCode = status;
        return WriteAsync(response, body);
    }

    /// <summary>Makes an object that is a part of another answer.</summary>
    /// <param name="writeFields">Writes the fields of the object.</param>
    public static ReadOnlyMemory<byte> Make(Action<Utf8JsonWriter> writeFields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = Writer(output))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>Writes a body that is known beforehand.</summary>
    public static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> json)
    {
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        await response.BodyWriter.WriteAsync(json);
    }

    /// <summary>Writes an object with a list, in pieces, so that a long list is never in memory as a whole.</summary>
    /// <param name="response">Not started yet; its status will be 200.</param>
    /// <param name="name">The list's field.</param>
    /// <param name="writeItem">Writes one item as a JSON value.</param>
    /// <param name="writeFields">Writes the fields that follow <c>ok</c> and precede the list.</param>
    public static async Task WriteListAsync<T>(
        HttpResponse response, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> writeItem, Action<Utf8JsonWriter> writeFields)
    {
        response.ContentType = "application/json";
        using var json = Writer(response.BodyWriter);
        json.WriteStartObject();
        json.WriteBoolean("ok", true);
        writeFields(json);
        json.WriteStartArray(name);
        var sent = 0L;
        foreach (var item in items)
        {
            writeItem(json, item);
            if (json.BytesCommitted + json.BytesPending - sent > PieceBytes)
            {
                json.Flush();
                sent = json.BytesCommitted;
                await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }
}
