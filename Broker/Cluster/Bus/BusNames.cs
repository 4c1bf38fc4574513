using System.Buffers.Binary;
using System.Globalization;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>The names that nodes subscribe to in Redis: one per channel, one for all nodes, and one per node.</summary>
/// <remarks>Publishing in Redis ignores databases. So the database's number is in the name, to separate fleets with different databases.</remarks>
/// <param name="prefix">That of the fleet's keys.</param>
internal sealed class BusNames(int database, string prefix = "")
{
    /// <summary>The name under which a server reports changed keys to a connection of RESP2.</summary>
    public const string Changes = "__redis__:invalidate";

    /// <summary>The name, in Redis Cluster, for publications of channels whose slot is being moved: the channel's name (4 bytes of length), message. All fleets
    /// hear it, and know their own by the name.</summary>
    public const string Moving = "clawevents:moving:0";

    /// <inheritdoc cref="Changes"/>
    public static ReadOnlySpan<byte> ChangesUtf8 => "__redis__:invalidate"u8;

    /// <inheritdoc cref="Moving"/>
    public static ReadOnlySpan<byte> MovingUtf8 => "clawevents:moving:0"u8;

    private readonly string _channelStart = string.Create(CultureInfo.InvariantCulture, $"{prefix}clawevents:bus:{database}:{{channel:");

    private readonly string _nodeStart = string.Create(CultureInfo.InvariantCulture, $"{prefix}clawevents:node:{database}:");

    /// <summary>The name for messages to all nodes.</summary>
    public string Orders { get; } = string.Create(CultureInfo.InvariantCulture, $"{prefix}clawevents:orders:{database}");

    /// <summary>The name for messages to one node.</summary>
    public string OfNode(Guid node) => $"{_nodeStart}{node}";

    public string Of(ChannelName channel) => $"{_channelStart}{channel.Value}}}";

    /// <summary>Reads what is published under <see cref="Moving"/>.</summary>
    /// <returns>False when it is malformed.</returns>
    public static bool TryReadMoving(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> message)
    {
        name = message = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(content, out var length) || length > content.Length - sizeof(uint))
        {
            return false;
        }

        name = content.Slice(sizeof(uint), (int)length);
        message = content[(sizeof(uint) + (int)length)..];
        return true;
    }
}
