using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the JSON body of a request to <c>/emulation</c>: <c>{"session":TEXT,"node":TEXT,"data":TEXT}</c>, the data being commands.</summary>
internal static class JsonEmulationReader
{
    /// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
    public static bool TryRead(ReadOnlyMemory<byte> json, out EmulationRequest request)
    {
        request = new EmulationRequest("", "", default);
        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!TryReadField(ref reader, json, ref request))
            {
                return false;
            }
        }

        return !reader.Read();
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
            isRead = true;
            JsonReading.Pass(ref reader);
        }

        return isRead;
    }
}
