using System.Buffers;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Names for one round of commands.</summary>
/// <param name="Connection">The only connection that they may be sent over.</param>
/// <param name="Subscribe">Names for <c>SUBSCRIBE</c>.</param>
/// <param name="Unsubscribe">Names for <c>UNSUBSCRIBE</c>.</param>
internal sealed record BusBatch(RespConnection Connection, List<string> Subscribe, List<string> Unsubscribe)
{
    /// <summary>Channels for <c>SSUBSCRIBE</c>.</summary>
    public List<BusSubscription> ShardSubscribe { get; } = [];

    /// <summary>Channels for <c>SUNSUBSCRIBE</c>.</summary>
    public List<BusSubscription> ShardUnsubscribe { get; } = [];

    public int Count => Subscribe.Count + Unsubscribe.Count + ShardSubscribe.Count + ShardUnsubscribe.Count;

    /// <summary>The sharded commands: each has the names of one slot.</summary>
    public byte[] WriteShardCommands()
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, "SUNSUBSCRIBE", ShardUnsubscribe);
        Write(output, "SSUBSCRIBE", ShardSubscribe);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Adds the command that <see cref="BusSubscription.IsAsked"/> stands for.</summary>
    public void Add(BusSubscription subscription, bool isSharded)
    {
        if (isSharded)
        {
            (subscription.IsAsked ? ShardSubscribe : ShardUnsubscribe).Add(subscription);
        }
        else
        {
            (subscription.IsAsked ? Subscribe : Unsubscribe).Add(subscription.Name);
        }
    }

    private static void Write(ArrayBufferWriter<byte> output, string command, List<BusSubscription> subscriptions)
    {
        foreach (var slot in subscriptions.GroupBy(subscription => ChannelKeys.SlotOf(subscription.Channel!)))
        {
            output.WriteCommand(1 + slot.Count());
            output.WritePart(command);
            foreach (var subscription in slot)
            {
                output.WritePart(subscription.Name);
            }
        }
    }
}
