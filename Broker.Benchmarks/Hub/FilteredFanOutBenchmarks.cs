using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Hub;

/// <summary>The cost of a tag filter inside the hub, beside subscribers that track their position and have none.</summary>
[MemoryDiagnoser]
public class FilteredFanOutBenchmarks
{
    private const int Subscribers = 10_000;

    private static readonly Dictionary<string, string> Tags = new() { ["ticker"] = "A", ["price"] = "100.5" };

    private readonly HubShard _shard = new();
    private readonly byte[] _data = new byte[100];
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;
    private ulong _offset;

    /// <summary>Of each subscriber; <c>none</c> has no filter.</summary>
    [Params("none", "matches", "does not")]
    public string Filter { get; set; } = "none";

    [GlobalSetup]
    public void Subscribe()
    {
        _data.AsSpan().Fill((byte)'1');
        var filter = Filter is "none" ? null : TagFilter.Of(Node(Filter is "matches" ? "A" : "B"));
        for (var i = 0; i < Subscribers; i++)
        {
            var subscription = new PositionedSubscription(new UncountedSubscriber(), _channel, SubscriptionTraits.None, tracksPosition: true, takesDeltas: false)
            {
                State = SubscriptionState.Active,
                Filter = filter,
            };
            subscription.StartAt(new StreamPosition(0, "epoch"), hasNewest: false);
            _shard.Add(subscription);
        }
    }

    [Benchmark]
    public int FanOut()
    {
        var push = new ChannelPush(_channel, new() { Position = new(++_offset, "epoch"), Publication = new(_data, Tags: Tags) });
        return _shard.FanOut(_channel, push);
    }

    private static FilterNode Node(string ticker)
    {
        var node = new FilterNode { Operation = "and" };
        node.Nodes.Add(new FilterNode { Key = "ticker", Comparison = "eq", Value = ticker });
        node.Nodes.Add(new FilterNode { Key = "price", Comparison = "gt", Value = "99.5" });
        return node;
    }
}
