using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api;

/// <summary>The parameters of the server API's publish; fields of features that are off are passed over.</summary>
/// <param name="Channel">UTF-8; empty when absent.</param>
/// <param name="Data">JSON text; null when absent.</param>
internal readonly record struct ServerApiPublish(ReadOnlyMemory<byte> Channel, ReadOnlyMemory<byte>? Data)
{
    /// <returns>False when it is no JSON object, or a field has the wrong type.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, out ServerApiPublish publish)
    {
        publish = default;
        try
        {
            return TryReadObject(json, out publish);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or a broken escape; the caller answers 400.
            return false;
        }
    }

    private static bool TryReadObject(ReadOnlyMemory<byte> json, out ServerApiPublish publish)
    {
        ReadOnlyMemory<byte> channel = default, base64 = default;
        ReadOnlyMemory<byte>? data = null;
        publish = default;
        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        var isRead = true;
        while (isRead && reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "channel"u8))
            {
                isRead = JsonReading.TryReadText(ref reader, json, out channel);
            }
            else if (JsonReading.Is(ref reader, "b64data"u8))
            {
                isRead = JsonReading.TryReadText(ref reader, json, out base64);
            }
            else if (JsonReading.Is(ref reader, "data"u8))
            {
                data = JsonReading.ReadRaw(ref reader, json);
            }
            else
            {
                JsonReading.Pass(ref reader);
            }
        }

        publish = new ServerApiPublish(channel, base64.IsEmpty ? data : Decode(base64.Span));
        return isRead && !reader.Read();
    }

    /// <returns>Null when it is no base64, or not JSON: no connection of this broker speaks anything else.</returns>
    public static ReadOnlyMemory<byte>? Decode(ReadOnlySpan<byte> base64)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, bytes, out _, out var length) is not System.Buffers.OperationStatus.Done
            || !Utf8.IsValid(bytes.AsSpan(0, length)))
        {
            return null;
        }

        var reader = new Utf8JsonReader(bytes.AsSpan(0, length), JsonReading.Options);
        try
        {
            if (!reader.Read() || !reader.TrySkip() || reader.Read())
            {
                return null;
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return bytes.AsMemory(0, length);
    }
}
