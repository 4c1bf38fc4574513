using System.Buffers;
using System.Text.Json;

namespace ClawEvents.Broker.McpTools;

/// <summary>The part of the client protocol that the listening tools speak. docs/reference/transports.md</summary>
internal static class ClientMessages
{
    /// <summary>The place in a channel's history up to which somebody has read.</summary>
    public sealed record Position(long Offset, string Epoch);

    /// <summary>The request of a unidirectional connection that listens to one channel.</summary>
    /// <param name="since">What came after it is sent first; null: only what comes from now on.</param>
    public static byte[] Listen(string? token, string channel, Position? since) => Write(json =>
    {
        WriteToken(json, token);
        json.WriteStartObject("subs");
        json.WriteStartObject(channel);
        if (since is not null)
        {
            json.WriteBoolean("recover", true);
            json.WriteNumber("offset", since.Offset);
            json.WriteString("epoch", since.Epoch);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A connect and, as command 2, the question for the newest publications of a channel.</summary>
    public static byte[] ReadHistory(string? token, string channel, long limit) =>
    [
        .. Write(json =>
        {
            json.WriteNumber("id", 1);
            json.WriteStartObject("connect");
            WriteToken(json, token);
            json.WriteEndObject();
        }),
        (byte)'\n',
        .. Write(json =>
        {
            json.WriteNumber("id", 2);
            json.WriteStartObject("history");
            json.WriteString("channel", channel);
            json.WriteNumber("limit", limit);
            json.WriteBoolean("reverse", true);
            json.WriteEndObject();
        }),
    ];

    /// <summary>Writes a publication for an agent: on the channels of claw.events who sent it and when, and the payload alone.</summary>
    public static void WritePublication(Utf8JsonWriter json, JsonElement publication)
    {
        var data = publication.GetProperty("data");
        var isClaw = data.ValueKind is JsonValueKind.Object && data.TryGetProperty("_claw", out var head) && head.ValueKind is JsonValueKind.Object && data.TryGetProperty("payload", out _);
        json.WriteStartObject();
        if (publication.TryGetProperty("offset", out var offset))
        {
            json.WritePropertyName("offset");
            offset.WriteTo(json);
        }

        if (isClaw)
        {
            foreach (var field in data.GetProperty("_claw").EnumerateObject())
            {
                field.WriteTo(json);
            }
        }

        json.WritePropertyName("payload");
        (isClaw ? data.GetProperty("payload") : data).WriteTo(json);
        json.WriteEndObject();
    }

    /// <summary>Makes a JSON object.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> writeFields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteToken(Utf8JsonWriter json, string? token)
    {
        if (token is not null)
        {
            json.WriteString("token", token);
        }
    }
}
