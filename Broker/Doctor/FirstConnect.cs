using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Doctor;

/// <summary>The first thing that a client of the protocol says, and what it needs to know from the answer.</summary>
internal static class FirstConnect
{
    /// <param name="token">Null: the client has none.</param>
    /// <returns>The JSON of a connect request.</returns>
    public static string Request(string? token) => token is null ? "{}" : $$"""{"token":{{Encoding.UTF8.GetString(JsonWriting.Quote(token))}}}""";

    /// <summary>The time between two pings of the server.</summary>
    /// <param name="reply">The first message of the server, whatever answers there.</param>
    /// <returns>Zero: it sends none. Null: it did not accept the client.</returns>
    public static TimeSpan? PingIn(string reply)
    {
        try
        {
            using var json = JsonDocument.Parse(reply);
            return json.RootElement.TryGetProperty("connect", out var connect)
                ? TimeSpan.FromSeconds(connect.TryGetProperty("ping", out var ping) ? ping.GetInt32() : 0)
                : null;
        }
        catch (JsonException)
        {
            // Something else answers there.
            return null;
        }
    }
}
