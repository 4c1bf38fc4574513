using System.Text.Json;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Grpc.Messages;
using Google.Protobuf;
using Person = ClawEvents.Broker.Channels.ClientInfo;
using Results = ClawEvents.Broker.Api.Server;

namespace ClawEvents.Broker.Grpc;

/// <summary>The answers of the server API as messages. Pure. Each method returns null for an answer that is an error.</summary>
internal static class AnswerWriting
{
    public static Error? ErrorIn(ServerApiAnswer answer) =>
        answer.Error is { } error ? new Error { Code = (uint)error.Code, Message = error.Message } : null;

    public static PublishResult? Publish(ServerApiAnswer answer) => Of(answer, (PublishResult message, PublishedResult result) =>
    {
        message.Offset = result.Position.Offset;
        message.Epoch = result.Position.Epoch;
    });

    public static Messages.BroadcastResult? Broadcast(ServerApiAnswer answer) => Of(answer, (Messages.BroadcastResult message, Results.BroadcastResult result) =>
        message.Responses.AddRange(result.Answers.Select(one => new PublishResponse { Error = ErrorIn(one), Result = Publish(one) })));

    public static Messages.PresenceResult? Presence(ServerApiAnswer answer) => Of(answer, (Messages.PresenceResult message, Results.PresenceResult result) =>
    {
        foreach (var client in result.Clients)
        {
            message.Presence[client.Client.ToString()] = MessageOf(client);
        }
    });

    public static Messages.PresenceStatsResult? PresenceStats(ServerApiAnswer answer) =>
        Of(answer, (Messages.PresenceStatsResult message, Results.PresenceStatsResult result) =>
        {
            message.NumClients = (uint)result.Stats.Clients;
            message.NumUsers = (uint)result.Stats.Users;
        });

    public static Messages.HistoryResult? History(ServerApiAnswer answer) => Of(answer, (Messages.HistoryResult message, Results.HistoryResult result) =>
    {
        message.Publications.AddRange(result.Page.Publications.Select(MessageOf));
        message.Epoch = result.Page.Top.Epoch;
        message.Offset = result.Page.Top.Offset;
    });

    public static Messages.ChannelsResult? Channels(ServerApiAnswer answer) => Of(answer, (Messages.ChannelsResult message, Results.ChannelsResult result) =>
    {
        foreach (var (name, clients) in result.Channels)
        {
            message.Channels[name] = new ChannelInfo { NumClients = (uint)clients };
        }
    });

    public static InfoResult? Info(ServerApiAnswer answer) =>
        Of(answer, (InfoResult message, NodesResult result) => message.Nodes.AddRange(result.Nodes.Select(node => MessageOf(node, result.MetricsOf(node)))));

    /// <summary>The result of a method that returns nothing.</summary>
    public static TMessage? Empty<TMessage>(ServerApiAnswer answer)
        where TMessage : class, new() => answer.Error is null ? new TMessage() : null;

    /// <summary>The reply to a command of a batch.</summary>
    /// <param name="method">Null: the command named none.</param>
    public static Reply ReplyOf(string? method, ServerApiAnswer answer)
    {
        var reply = new Reply { Error = ErrorIn(answer) };
        switch (method)
        {
            case "publish": reply.Publish = Publish(answer); break;
            case "broadcast": reply.Broadcast = Broadcast(answer); break;
            case "subscribe": reply.Subscribe = Empty<SubscribeResult>(answer); break;
            case "unsubscribe": reply.Unsubscribe = Empty<UnsubscribeResult>(answer); break;
            case "disconnect": reply.Disconnect = Empty<DisconnectResult>(answer); break;
            case "presence": reply.Presence = Presence(answer); break;
            case "presence_stats": reply.PresenceStats = PresenceStats(answer); break;
            case "history": reply.History = History(answer); break;
            case "history_remove": reply.HistoryRemove = Empty<HistoryRemoveResult>(answer); break;
            case "info": reply.Info = Info(answer); break;
            case "rpc": reply.Rpc = Empty<RPCResult>(answer); break;
            case "refresh": reply.Refresh = Empty<RefreshResult>(answer); break;
            case "channels": reply.Channels = Channels(answer); break;
            case "map_publish": reply.MapPublish = MapAnswerWriting.Publish(answer); break;
            case "map_remove": reply.MapRemove = MapAnswerWriting.Remove(answer); break;
            case "map_read_state": reply.MapReadState = MapAnswerWriting.ReadState(answer); break;
            case "map_read_stream": reply.MapReadStream = MapAnswerWriting.ReadStream(answer); break;
            case "map_stats": reply.MapStats = MapAnswerWriting.Stats(answer); break;
            case "map_clear": reply.MapClear = Empty<MapClearResult>(answer); break;
            case "shared_poll_publish": reply.SharedPollPublish = Empty<SharedPollPublishResult>(answer); break;
        }

        return reply;
    }

    /// <summary>The result of a method that returns something.</summary>
    public static TMessage? Of<TMessage, TResult>(ServerApiAnswer answer, Action<TMessage, TResult> fill)
        where TMessage : class, new()
        where TResult : ServerApiResult
    {
        var message = Empty<TMessage>(answer);
        if (message is not null && answer.Result is TResult result)
        {
            fill(message, result);
        }

        return message;
    }

    private static Messages.ClientInfo MessageOf(Person client) => new()
    {
        User = client.User,
        Client = client.Client.ToString(),
        ConnInfo = ByteString.CopyFrom(client.ConnectionInfo.Span),
        ChanInfo = ByteString.CopyFrom(client.ChannelInfo.Span),
    };

    private static Messages.Publication MessageOf(StoredPublication stored)
    {
        var message = new Messages.Publication
        {
            Data = ByteString.CopyFrom(stored.Publication.Data.Span),
            Offset = stored.Offset,
            Info = stored.Publication.Publisher is { } publisher ? MessageOf(publisher) : null,
        };
        foreach (var (name, value) in stored.Publication.Tags ?? new Dictionary<string, string>())
        {
            message.Tags[name] = value;
        }

        return message;
    }

    private static NodeResult MessageOf(NodeReport node, ReadOnlyMemory<byte>? metrics) => new()
    {
        Uid = node.Id,
        Name = node.Name,
        Version = node.Version,
        NumClients = (uint)node.Clients,
        NumUsers = (uint)node.Users,
        NumChannels = (uint)node.Channels,
        NumSubs = (uint)node.Subscriptions,
        Uptime = (uint)node.Uptime.TotalSeconds,
        Metrics = metrics is { } json ? MetricsIn(json) : null,
        Process = new Process { Cpu = node.CpuSeconds, Rss = node.MemoryBytes },
    };

    // A node of another version may have other fields.
    private static Metrics MetricsIn(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var metrics = new Metrics();
        foreach (var field in FieldsOf(document.RootElement))
        {
            if (field.NameEquals("interval") && field.Value.ValueKind is JsonValueKind.Number)
            {
                metrics.Interval = field.Value.GetDouble();
            }

            foreach (var item in field.NameEquals("items") ? FieldsOf(field.Value) : default)
            {
                metrics.Items[item.Name] = item.Value.ValueKind is JsonValueKind.Number ? item.Value.GetDouble() : 0;
            }
        }

        return metrics;
    }

    private static JsonElement.ObjectEnumerator FieldsOf(JsonElement element) => element.ValueKind is JsonValueKind.Object ? element.EnumerateObject() : default;
}
