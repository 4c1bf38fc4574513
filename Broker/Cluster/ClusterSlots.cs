using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster;

/// <summary>A range of slots and the primary that has it.</summary>
internal sealed record ClusterSlots(int First, int Last, RedisEndpoint Primary)
{
    /// <summary>Reads the answer to <c>CLUSTER SLOTS</c>: for each range its first and last slot, the primary (host, port, …) and its replicas.</summary>
    /// <param name="answered">The answer and the server it came from: a server may leave out its own name.</param>
    /// <exception cref="InvalidDataException">The answer is malformed.</exception>
    public static IReadOnlyList<ClusterSlots> Read((RespValue Answer, RedisEndpoint From) answered)
    {
        if (answered.Answer.Kind is RespKind.Error)
        {
            throw new StoreRefusedException($"{answered.From} is not in a cluster: {answered.Answer}");
        }

        var ranges = new List<ClusterSlots>();
        foreach (var range in answered.Answer.Items)
        {
            if (range.Items is not [var first, var last, var primary, ..] || primary.Items is not [var host, var port, ..]
                || first.ToNumber() < 0 || last.ToNumber() >= ChannelHash.Slots || first.ToNumber() > last.ToNumber())
            {
                throw new InvalidDataException("the answer of Redis to CLUSTER SLOTS is malformed");
            }

            var name = host.IsNull ? "" : host.ToString();
            ranges.Add(new((int)first.ToNumber(), (int)last.ToNumber(), new(name is "" or "?" ? answered.From.Host : name, (int)port.ToNumber())));
        }

        return ranges;
    }
}
