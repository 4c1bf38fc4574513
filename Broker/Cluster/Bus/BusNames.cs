using System.Buffers;
using System.Globalization;
using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>The names that nodes subscribe to in Redis: one per channel, one for all nodes, and one per node.</summary>
/// <remarks>Publishing in Redis ignores databases. So the database's number is in the name, to separate fleets with different databases.</remarks>
internal sealed class BusNames(int database)
{
    private readonly string _channelStart = string.Create(CultureInfo.InvariantCulture, $"clawevents:bus:{database}:{{channel:");

    private readonly string _nodeStart = string.Create(CultureInfo.InvariantCulture, $"clawevents:node:{database}:");

    /// <summary>The name for messages to all nodes.</summary>
    public string Orders { get; } = string.Create(CultureInfo.InvariantCulture, $"clawevents:orders:{database}");

    /// <summary>The name for messages to one node.</summary>
    public string OfNode(Guid node) => $"{_nodeStart}{node}";

    public string Of(ChannelName channel) => $"{_channelStart}{channel.Value}}}";

    /// <summary>Writes the name as a part of a command.</summary>
    public void WriteName(IBufferWriter<byte> output, ChannelName channel)
    {
        output.WritePartHead(_channelStart.Length + channel.Value.Length + 1);
        Encoding.UTF8.GetBytes(_channelStart, output);
        Encoding.UTF8.GetBytes(channel.Value, output);
        output.Write("}\r\n"u8);
    }
}
