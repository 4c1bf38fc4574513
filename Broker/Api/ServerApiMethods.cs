using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api;

/// <summary>What became of a call of the server API.</summary>
internal enum CallStatus : byte
{
    /// <summary>A reply was written: a result or an error.</summary>
    Done,

    /// <summary>The parameters are not what the method takes: HTTP 400.</summary>
    Malformed,

    UnknownMethod,
}

/// <summary>The methods of the server API. docs/reference/server-api.md</summary>
internal sealed class ServerApiMethods(
    ChannelNames channels, ChannelNamespaces namespaces, ChannelPublisher publisher, ChannelHub hub, OpenConnections open, TimeProvider time)
{
    private readonly string _nodeId = Guid.NewGuid().ToString();
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Carries out one call and writes its reply.</summary>
    public ValueTask<CallStatus> CallAsync(ServerApiCall call, IBufferWriter<byte> reply) =>
        IsPublish(call.Method) ? PublishAsync(call, reply)
        : new(IsInfo(call.Method) ? Info(call, reply) : CallStatus.UnknownMethod);

    private static bool IsPublish(string method) => method.Equals("publish", StringComparison.OrdinalIgnoreCase);

    private static bool IsInfo(string method) => method.Equals("info", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<CallStatus> PublishAsync(ServerApiCall call, IBufferWriter<byte> reply)
    {
        if (!ServerApiPublish.TryRead(call.Parameters, out var publish))
        {
            return CallStatus.Malformed;
        }

        if (publish.Channel.IsEmpty || publish.Data is not { } data)
        {
            WriteError(reply, call.Id, ErrorCode.BadRequest.Because("bad request: channel and data (or b64data, of JSON) are needed"));
        }
        else if (!channels.TryGet(publish.Channel.Span, out var channel))
        {
            // A name no client can subscribe to has no subscribers.
            WriteEmptyResult(reply, call.Id);
        }
        else if (channel.Kind is ChannelKind.Namespaced && namespaces.Find(channel) is null)
        {
            WriteError(reply, call.Id, ErrorCode.UnknownChannel);
        }
        else
        {
            await publisher.PublishAsGivenAsync(channel, data);
            WriteEmptyResult(reply, call.Id);
        }

        return CallStatus.Done;
    }

    private CallStatus Info(in ServerApiCall call, IBufferWriter<byte> reply)
    {
        var connections = open.All();
        WriteStart(reply, call.Id);
        reply.Write("\"result\":"u8);
        using (var json = new Utf8JsonWriter(reply))
        {
            json.WriteStartObject();
            json.WriteStartArray("nodes");
            WriteNode(json, connections);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        reply.Write("}"u8);
        return CallStatus.Done;
    }

    private void WriteNode(Utf8JsonWriter json, IReadOnlyList<ClientConnection> connections)
    {
        json.WriteStartObject();
        json.WriteString("uid", _nodeId);
        json.WriteString("name", Environment.MachineName);
        json.WriteString("version", BrokerVersion.Text);
        json.WriteNumber("num_clients", connections.Count);
        json.WriteNumber("num_users", connections.Select(connection => connection.Principal.Name).Distinct().Count());
        json.WriteNumber("num_channels", hub.ChannelCount);
        json.WriteNumber("num_subs", hub.SubscriptionCount);
        json.WriteNumber("uptime", (long)time.GetElapsedTime(_startedAt).TotalSeconds);
        using (var process = Process.GetCurrentProcess())
        {
            json.WriteStartObject("process");
            json.WriteNumber("cpu", process.TotalProcessorTime.TotalSeconds);
            json.WriteNumber("rss", process.WorkingSet64);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteStart(IBufferWriter<byte> reply, uint id)
    {
        reply.Write("{"u8);
        if (id != 0)
        {
            reply.Write("\"id\":"u8);
            reply.WriteNumber(id);
            reply.Write(","u8);
        }
    }

    private static void WriteEmptyResult(IBufferWriter<byte> reply, uint id)
    {
        WriteStart(reply, id);
        reply.Write("\"result\":{}}"u8);
    }

    private static void WriteError(IBufferWriter<byte> reply, uint id, ErrorCode error)
    {
        WriteStart(reply, id);
        reply.Write("\"error\":"u8);
        reply.WriteError(error);
        reply.Write("}"u8);
    }
}
