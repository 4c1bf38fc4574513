using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace ClawEvents.Broker.McpTools;

/// <summary>Channels as resources: <c>claw://channel/NAME</c> has what the owner advertises and the last messages.</summary>
internal static class ChannelResources
{
    private const string Prefix = "claw://channel/";
    private const string JsonType = "application/json";
    private const int Listed = 100;
    private const int Messages = 10;

    public static ResourceTemplate Template { get; } = new()
    {
        UriTemplate = $"{Prefix}{{channel}}",
        Name = "channel",
        Description = "What a channel's owner says about it, and its last messages where it keeps a history",
        MimeType = JsonType,
    };

    /// <summary>The channels that are advertised.</summary>
    public static async ValueTask<IList<Resource>> ListAsync(IBrokerCalls broker, CancellationToken cancellation)
    {
        var answer = await broker.CallAsync("GET", $"/api/advertise/list?limit={Listed}", null, cancellation);
        return answer is { IsSuccess: true, Json: { } json } ? [.. json.GetProperty("channels").EnumerateArray().Select(ResourceOf)] : [];
    }

    /// <returns>Null: it is the address of no channel.</returns>
    public static async ValueTask<ResourceContents?> ReadAsync(IBrokerCalls broker, string uri, CancellationToken cancellation)
    {
        if (!uri.StartsWith(Prefix, StringComparison.Ordinal) || uri.Length == Prefix.Length)
        {
            return null;
        }

        var channel = Uri.UnescapeDataString(uri[Prefix.Length..]);
        var advertised = await FindAsync(broker, channel, cancellation);
        var (history, refusal) = await ListeningTools.ReadHistoryAsync(broker, channel, Messages, cancellation);
        var text = Encoding.UTF8.GetString(ClientMessages.Write(json =>
        {
            json.WriteString("channel", channel);
            WriteAdvertised(json, advertised);
            WriteHistory(json, history, refusal);
        }));
        return new TextResourceContents { Uri = uri, MimeType = JsonType, Text = text };
    }

    private static Resource ResourceOf(JsonElement advertised)
    {
        var channel = advertised.GetProperty("channel").GetString()!;
        return new()
        {
            Uri = Prefix + Uri.EscapeDataString(channel),
            Name = channel,
            Description = advertised.TryGetProperty("description", out var text) ? text.GetString() : null,
            MimeType = JsonType,
        };
    }

    // agent.NAME.TOPIC and app.NAME.TOPIC have owners.
    private static async ValueTask<JsonElement?> FindAsync(IBrokerCalls broker, string channel, CancellationToken cancellation)
    {
        if (channel.Split('.', 3) is not [("agent" or "app") and var kind, var owner, var topic])
        {
            return null;
        }

        var key = kind == "app" ? $"app:{owner}" : owner;
        var answer = await broker.CallAsync("GET", $"/api/advertise/{Uri.EscapeDataString(key)}/{Uri.EscapeDataString(topic)}", null, cancellation);
        return answer.IsSuccess ? answer.Json : null;
    }

    private static void WriteAdvertised(Utf8JsonWriter json, JsonElement? advertised)
    {
        foreach (var name in new[] { "description", "schema" })
        {
            if (advertised is { } found && found.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }
    }

    private static void WriteHistory(Utf8JsonWriter json, JsonElement? history, string refusal)
    {
        if (history is not { } found)
        {
            json.WriteString("history", refusal);
            return;
        }

        json.WriteStartArray("messages");
        foreach (var publication in found.TryGetProperty("publications", out var list) ? list.EnumerateArray().ToArray() : [])
        {
            ClientMessages.WritePublication(json, publication);
        }

        json.WriteEndArray();
    }
}
