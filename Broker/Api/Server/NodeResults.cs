using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary>Channels with subscribers, and how many connections each has.</summary>
internal sealed record ChannelsResult(IReadOnlyDictionary<string, int> Channels) : ServerApiResult
{
    // {"channels":{NAME:{"num_clients":N}}}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        output.Write("{\"channels\":{"u8);
        var separator = ""u8;
        foreach (var (name, clients) in Channels)
        {
            output.Write(separator);
            output.WriteString(name);
            output.Write(":{\"num_clients\":"u8);
            output.WriteNumber(clients);
            output.Write("}"u8);
            separator = ","u8;
        }

        output.Write("}}"u8);
    }
}

/// <summary>What the nodes report of themselves.</summary>
internal sealed record NodesResult(IReadOnlyList<NodeReport> Nodes) : ServerApiResult
{
    // {"nodes":[NODE]}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        using var json = ApiResponse.Writer(output);
        json.WriteStartObject();
        json.WriteStartArray("nodes");
        foreach (var node in Nodes)
        {
            Write(json, node);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NodeReport node)
    {
        json.WriteStartObject();
        json.WriteString("uid", node.Id);
        json.WriteString("name", node.Name);
        json.WriteString("version", node.Version);
        json.WriteNumber("num_clients", node.Clients);
        json.WriteNumber("num_users", node.Users);
        json.WriteNumber("num_channels", node.Channels);
        json.WriteNumber("num_subs", node.Subscriptions);
        json.WriteNumber("uptime", (long)node.Uptime.TotalSeconds);
        json.WriteStartObject("process");
        json.WriteNumber("cpu", node.CpuSeconds);
        json.WriteNumber("rss", node.MemoryBytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
