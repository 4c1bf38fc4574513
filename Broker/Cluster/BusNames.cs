using System.Buffers;
using System.Globalization;
using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Resp;

namespace ClawEvents.Broker.Cluster;

/// <summary>The names that nodes subscribe to in Redis: one per channel, and one for orders.</summary>
/// <remarks>Publishing in Redis knows no databases. So the database's number is in the name: fleets with different databases do not hear each other.</remarks>
internal sealed class BusNames(int database)
{
    private readonly string _channelStart = string.Create(CultureInfo.InvariantCulture, $"clawevents:bus:{database}:{{channel:");

    /// <summary>Where nodes tell each other what is to be done.</summary>
    public string Orders { get; } = string.Create(CultureInfo.InvariantCulture, $"clawevents:orders:{database}");

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
