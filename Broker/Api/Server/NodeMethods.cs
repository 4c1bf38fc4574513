using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>info</c> and <c>channels</c>: activity of all nodes.</summary>
internal sealed class NodeMethods(INodeSurvey survey)
{
    public ServerApiCall Channels(ServerApiFields fields)
    {
        var pattern = fields.Text("pattern");
        return async () =>
        {
            if (!Glob.IsPattern(pattern))
            {
                return ServerApiAnswer.BadRequest($"pattern must be a glob of at most {Glob.MaxLength} characters");
            }

            var channels = await survey.GetChannelsAsync(pattern);
            return ServerApiAnswer.Of(output => WriteChannels(output, channels));
        };
    }

    public ServerApiCall Info(ServerApiFields fields) => async () =>
    {
        var nodes = await survey.GetNodesAsync();
        return ServerApiAnswer.Of(output => WriteNodes(output, nodes));
    };

    // {"channels":{NAME:{"num_clients":N}}}
    private static void WriteChannels(IBufferWriter<byte> output, IReadOnlyDictionary<string, int> channels)
    {
        output.Write("{\"channels\":{"u8);
        var separator = ""u8;
        foreach (var (name, clients) in channels)
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

    // {"nodes":[NODE]}
    private static void WriteNodes(IBufferWriter<byte> output, IReadOnlyList<NodeReport> nodes)
    {
        using var json = ApiResponse.Writer(output);
        json.WriteStartObject();
        json.WriteStartArray("nodes");
        foreach (var node in nodes)
        {
            WriteNode(json, node);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, NodeReport node)
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
