using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>Which connections an operator looks for; what is null matches all.</summary>
/// <param name="User">Empty: clients without a user.</param>
/// <param name="Client">The id of a connection.</param>
/// <param name="Channel">A channel that it is subscribed to.</param>
/// <param name="Limit">The most that are described, of each node.</param>
internal sealed record ConnectionQuery(string? User, string? Client, string? Channel, int Limit)
{
    public const int MaxLimit = 200;

    /// <summary>As the argument of a question to nodes.</summary>
    public string ToText() => Encoding.UTF8.GetString(ApiResponse.Make(json =>
    {
        json.WriteString("user", User);
        json.WriteString("client", Client);
        json.WriteString("channel", Channel);
        json.WriteNumber("limit", Limit);
    }).Span);

    /// <returns>Null: the text is no such query.</returns>
    public static ConnectionQuery? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            string? Text(string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
            var limit = json.RootElement.TryGetProperty("limit", out var number) ? number.GetInt32() : 0;
            return new(Text("user"), Text("client"), Text("channel"), Math.Clamp(limit, 0, MaxLimit));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Of a node that asks in another way.
            return null;
        }
    }
}
