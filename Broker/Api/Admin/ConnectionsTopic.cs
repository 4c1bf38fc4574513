using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>The connections of this node that an operator looks for, newest first.</summary>
internal sealed class ConnectionsTopic(OpenConnections open, ChannelHub hub, TimeProvider time) : INodeTopicSource
{
    // Of each connection: all of them could be 128 long names for each of 200.
    private const int MaxChannels = 20;

    public NodeTopic Topic => NodeTopic.Connections;

    /// <param name="argument">Of <see cref="ConnectionQuery.ToText"/>.</param>
    public ReadOnlyMemory<byte> Answer(string argument) => ApiResponse.Make(json =>
    {
        var query = ConnectionQuery.Parse(argument);
        var found = query is null ? [] : Find(query);
        json.WriteNumber("total", found.Count);
        json.WriteStartArray("connections");
        foreach (var connection in found.OrderByDescending(connection => connection.ConnectedAt).Take(query?.Limit ?? 0))
        {
            Write(json, connection);
        }

        json.WriteEndArray();
    });

    private List<ClientConnection> Find(ConnectionQuery query)
    {
        var candidates =
            query.Client is { } client ? (Guid.TryParse(client, out var id) && open.Find(id) is { } one ? [one] : [])
            : query.Channel is { } channel ? SubscribersOf(channel)
            : query.User is { } user ? open.OfUser(user)
            : open.All();
        return
        [
            .. candidates.Where(connection =>
                (query.User is null || connection.Principal.Name == query.User)
                && (query.Channel is null || connection.SubscriptionTable.All.Any(subscription => subscription.Channel.Value == query.Channel))),
        ];
    }

    private IReadOnlyList<ClientConnection> SubscribersOf(string channel) =>
        ChannelName.TryParse(channel, out var name) ? [.. hub.SubscriptionsOf(name).Select(subscription => subscription.Subscriber).OfType<ClientConnection>().Where(connection => !connection.IsClosing)] : [];

    private void Write(Utf8JsonWriter json, ClientConnection connection)
    {
        var channels = connection.SubscriptionTable.All;
        json.WriteStartObject();
        json.WriteString("client", connection.Id);
        json.WriteString("user", connection.Principal.Name);
        json.WriteString("transport", connection.Wire.Transport);
        json.WriteString("protocol", connection.Codec.IsBinary ? "protobuf" : "json");
        json.WriteString("address", connection.Address.ToString());
        json.WriteNumber("connectedSeconds", (long)time.GetElapsedTime(connection.ConnectedAt).TotalSeconds);
        if (connection.ExpiresAt is { } end && end != DateTimeOffset.MaxValue)
        {
            json.WriteNumber("expiresInSeconds", (long)(end - time.GetUtcNow()).TotalSeconds);
        }

        json.WriteNumber("numChannels", channels.Length);
        json.WriteStartArray("channels");
        foreach (var channel in channels.Take(MaxChannels))
        {
            json.WriteStringValue(channel.Channel.Value);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
