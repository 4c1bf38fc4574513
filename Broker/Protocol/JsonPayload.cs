using System.Text.Json;
using System.Text.Unicode;
using ClawEvents.Broker.Protocol.Json;

namespace ClawEvents.Broker.Protocol;

/// <summary>Checks whether bytes may go to JSON clients as they are.</summary>
internal static class JsonPayload
{
    /// <returns>True for one JSON value in valid UTF-8, nested no deeper than <see cref="ProtocolLimits.MaxJsonDepth"/>.</returns>
    /// <remarks>Does not throw or allocate for valid JSON.</remarks>
    public static bool IsValid(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || !Utf8.IsValid(payload))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(payload, JsonReading.Options);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            // The bytes are not JSON; the reader has no other way to report it.
            return false;
        }
    }
}
