using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Publishes through the server API of a node that may be gone.</summary>
internal static class Publishing
{
    /// <param name="text">Published as a JSON text.</param>
    /// <param name="idempotencyKey">Null: none.</param>
    public static Task<NodeAnswer> PublishAsync(this HttpClient http, string channel, string text, string? idempotencyKey = null) =>
        http.PublishJsonAsync(channel, $"\"{text}\"", idempotencyKey);

    /// <inheritdoc cref="PublishAsync"/>
    /// <param name="data">Published unchanged.</param>
    /// <param name="idempotencyKey">Null: none.</param>
    public static async Task<NodeAnswer> PublishJsonAsync(this HttpClient http, string channel, string data, string? idempotencyKey = null)
    {
        var once = idempotencyKey is null ? "" : $",\"idempotency_key\":\"{idempotencyKey}\"";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish");
        request.Content = new StringContent($"{{\"channel\":\"{channel}\",\"data\":{data}{once}}}");
        request.Headers.Add("X-API-Key", RunningBroker.Key);
        try
        {
            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode ? Read(body) : new((int)response.StatusCode);
        }
        catch (HttpRequestException)
        {
            return new(NodeAnswer.None);
        }
    }

    private static NodeAnswer Read(string body)
    {
        using var json = JsonDocument.Parse(body);
        var result = json.RootElement.GetProperty("result");
        return result.TryGetProperty("offset", out var offset)
            ? new(200, offset.GetUInt64(), result.GetProperty("epoch").GetString()!)
            : new(200);
    }
}

/// <param name="Status">The HTTP status, or <see cref="None"/>.</param>
/// <param name="Offset">0 without history.</param>
/// <param name="Epoch">Empty without history.</param>
internal readonly record struct NodeAnswer(int Status, ulong Offset = 0, string Epoch = "")
{
    /// <summary>The node went away before it answered.</summary>
    public const int None = 0;

    public bool IsAcknowledged => Status == 200;
}
