using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the JSON body of a request to <c>/emulation</c>: <c>{"session":TEXT,"node":TEXT,"data":TEXT}</c>, the data being commands.</summary>
internal static class JsonEmulationReader
{
    /// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
    public static bool TryRead(ReadOnlyMemory<byte> json, ref EmulationRequest request)
    {
        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        return reader.Read() && reader.TokenType is JsonTokenType.StartObject
            && JsonReading.TryReadFields(ref reader, json, ref request, TryReadField)
            && !reader.Read();
    }

    private static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref EmulationRequest request)
    {
        bool isRead;
        if (JsonReading.Is(ref reader, "session"u8))
        {
            isRead = JsonReading.TryReadString(ref reader, out var session);
            request = request with { Session = session };
        }
        else if (JsonReading.Is(ref reader, "node"u8))
        {
            isRead = JsonReading.TryReadString(ref reader, out var node);
            request = request with { Node = node };
        }
        else if (JsonReading.Is(ref reader, "data"u8))
        {
            isRead = JsonReading.TryReadText(ref reader, json, out var data);
            request = request with { Data = data };
        }
        else
        {
            isRead = JsonReading.Skip(ref reader);
        }

        return isRead;
    }
}
