using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api;

/// <summary>One call of the server API.</summary>
/// <param name="Id">Echoed in the reply; 0 when there was none, and then the reply has none.</param>
/// <param name="Method">As it came; matched without regard to case.</param>
/// <param name="Parameters">The JSON object of the parameters; only valid while the request is.</param>
internal readonly record struct ServerApiCall(uint Id, string Method, ReadOnlyMemory<byte> Parameters)
{
    /// <summary>Reads a line of <c>/api</c>: <c>{"id":N,"method":NAME,"params":{…}}</c>, the id optional.</summary>
    /// <returns>False when it is not such a line.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> line, out ServerApiCall call)
    {
        call = default;
        try
        {
            return TryReadLine(line, out call);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or a broken escape; the caller answers 400.
            return false;
        }
    }

    private static bool TryReadLine(ReadOnlyMemory<byte> line, out ServerApiCall call)
    {
        call = new ServerApiCall(0, "", "{}"u8.ToArray());
        var reader = new Utf8JsonReader(line.Span, JsonReading.Options);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        var isRead = true;
        while (isRead && reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            isRead = TryReadField(ref reader, line, ref call);
        }

        return isRead && !reader.Read();
    }

    private static bool TryReadField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> line, ref ServerApiCall call)
    {
        if (JsonReading.Is(ref reader, "id"u8))
        {
            var isRead = JsonReading.TryReadId(ref reader, out var id);
            call = call with { Id = id };
            return isRead;
        }

        if (JsonReading.Is(ref reader, "method"u8))
        {
            var isRead = JsonReading.TryReadText(ref reader, line, out var method);
            call = call with { Method = Encoding.UTF8.GetString(method.Span) };
            return isRead;
        }

        if (JsonReading.Is(ref reader, "params"u8))
        {
            call = call with { Parameters = JsonReading.ReadRaw(ref reader, line) };
            return true;
        }

        JsonReading.Pass(ref reader);
        return true;
    }
}
