using System.Buffers;
using System.Text.Json;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>Makes the JSON object of a node's answer.</summary>
internal static class TopicJson
{
    public static ReadOnlyMemory<byte> Of(Action<Utf8JsonWriter> writeFields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = ApiResponse.Writer(output))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
