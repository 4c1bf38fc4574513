using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Durable;

// {"event":<event or batch>,"positions":[{"channel":"c","epoch":"…","offset":7}],"attempts":5,"error":"…","givenUpAt":1767225600000}
/// <summary>A message, or a batch, that was given up.</summary>
internal static class DeadLetter
{
    /// <param name="message">The event or batch, UTF-8 JSON.</param>
    /// <param name="error">What happened at the last attempt.</param>
    public static byte[] Of(byte[] message, IEnumerable<MessagePlace> places, int attempts, string error, DateTimeOffset now) => JsonText.Object(json =>
    {
        json.WritePropertyName("event"u8);
        json.WriteRawValue(message, skipInputValidation: true);
        json.WriteStartArray("positions"u8);
        foreach (var place in places.Where(place => place.IsStored))
        {
            json.WriteStartObject();
            json.WriteString("channel"u8, place.Channel);
            json.WriteString("epoch"u8, place.Position.Epoch);
            json.WriteNumber("offset"u8, place.Position.Offset);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("attempts"u8, attempts);
        json.WriteString("error"u8, error);
        json.WriteNumber("givenUpAt"u8, now.ToUnixTimeMilliseconds());
    });
}
