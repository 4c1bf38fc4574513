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
/// <param name="Metrics">Of the nodes that have answered: <see cref="MetricsTopic"/>.</param>
internal sealed record NodesResult(IReadOnlyList<NodeReport> Nodes, IReadOnlyList<NodeText> Metrics) : ServerApiResult
{
    /// <returns>JSON; null: the node has none yet, has not answered, or is of a version that has none.</returns>
    public ReadOnlyMemory<byte>? MetricsOf(NodeReport node) => Metrics.FirstOrDefault(text => text.Id == node.Id)?.Json;

    // {"nodes":[NODE]}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        using var json = ApiResponse.Writer(output);
        json.WriteStartObject();
        json.WriteStartArray("nodes");
        foreach (var node in Nodes)
        {
            Write(json, node, MetricsOf(node));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NodeReport node, ReadOnlyMemory<byte>? metrics)
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
        if (metrics is { } text)
        {
            json.WritePropertyName("metrics");
            json.WriteRawValue(text.Span);
        }

        json.WriteStartObject("process");
        json.WriteNumber("cpu", node.CpuSeconds);
        json.WriteNumber("rss", node.MemoryBytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
