using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Acme;

/// <summary>Writes the objects of requests.</summary>
internal static class AcmeJson
{
    /// <param name="write">Writes the members.</param>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
