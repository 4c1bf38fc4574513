using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Benchmarks.Cluster;

/// <summary>What a publication costs a Redis Cluster of one, two and three primaries, with sharded publishing and without: two nodes hear every channel.</summary>
/// <remarks>
/// <c>dotnet run -c Release --project Broker.Benchmarks -- cluster [ROUNDS]</c>. Bus and engine of both nodes are in this process, without hub and clients.
/// Needs redis-server in PATH, 7 or newer; servers without sharded publishing are the same with these commands taken away.
/// </remarks>
internal static class ClusterRun
{
    private const int Channels = 60;
    private const int Publishers = 120;
    private const int Publications = 120_000;

    private static readonly byte[] Data = [.. Enumerable.Repeat((byte)'1', 100)];

    public static async Task RunAsync(int rounds)
    {
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var primaries in (int[])[1, 2, 3])
            {
                await RunAsync(round, primaries, isSharded: false);
                await RunAsync(round, primaries, isSharded: true);
            }
        }
    }

    private static async Task RunAsync(int round, int primaries, bool isSharded)
    {
        using var cluster = await BenchmarkCluster.StartAsync(primaries, isSharded);
        using var metrics = new BrokerMetrics();
        var (here, there) = (new Counting(), new Counting());
        await using var near = StartNode(cluster, here, metrics);
        await using var far = StartNode(cluster, there, metrics);
        while (near.Shards.All.Count < primaries || far.Shards.All.Count < primaries)
        {
            await Task.Delay(10);
        }

        var channels = Enumerable.Range(0, Channels).Select(i => BenchmarkChannels.Parse(string.Create(CultureInfo.InvariantCulture, $"public.{i}"))).ToArray();
        foreach (var node in (RedisNodeBus[])[near, far])
        {
            await Task.WhenAll(channels.Select(channel => node.SubscribeAsync(channel).AsTask()));
        }

        await PublishAsync([near, far], channels, Publications / 10, here, there);
        await MeasureAsync($"round {round}, {primaries} primaries, {(isSharded ? "SPUBLISH" : "PUBLISH "),8}", cluster, () => PublishAsync([near, far], channels, Publications, here, there));
    }

    private static async Task MeasureAsync(string what, BenchmarkCluster cluster, Func<Task> publish)
    {
        var (messages, bytes, cpu) = (await cluster.CountMessagesAsync(), cluster.CountBytes(), CpuOf(cluster));
        var begun = Stopwatch.GetTimestamp();
        await publish();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        cpu = CpuOf(cluster) - cpu;
        bytes = cluster.CountBytes() - bytes;
        messages = await cluster.CountMessagesAsync() - messages;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {Publications / seconds:F0}/s; per publication: {messages / (double)Publications:F2} messages between servers, {bytes / (double)Publications:F0} bytes written by all servers, {cpu.TotalMicroseconds / Publications:F1} us of CPU of all servers"));
    }

    private static async Task PublishAsync(RedisNodeBus[] nodes, ChannelName[] channels, int publications, params Counting[] heard)
    {
        var due = heard.Select(one => one.Count + publications).ToArray();
        var engines = nodes.Select(node => new RedisChannelEngine(node.Shards)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < publications / Publishers; i++)
            {
                await engines[publisher % engines.Length].PublishAsync(channels[(publisher + i) % channels.Length], new() { Publication = new(Data) });
            }
        })));
        while (heard.Zip(due).Any(pair => pair.First.Count < pair.Second))
        {
            await Task.Delay(1);
        }
    }

    private static RedisNodeBus StartNode(BenchmarkCluster cluster, Counting heard, BrokerMetrics metrics) => new(
        new(Guid.NewGuid(), [cluster.Address], []), heard, heard, new RedisChangeFeed(), metrics, TimeProvider.System, new(NullLogger<RedisOutages>.Instance), NullLogger<RedisNodeBus>.Instance);

    private static TimeSpan CpuOf(BenchmarkCluster cluster) => cluster.Servers.Aggregate(TimeSpan.Zero, (sum, server) =>
    {
        server.Process.Refresh();
        return sum + server.Process.TotalProcessorTime;
    });

    private sealed class Counting : IChannelReceiver, INodeOrders
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Deliver(ChannelName channel, in DeliveredPublication publication) => Interlocked.Increment(ref _count);

        public void DeliverJoin(ChannelName channel, ClientInfo client) => throw new NotSupportedException();

        public void DeliverLeave(ChannelName channel, ClientInfo client) => throw new NotSupportedException();

        public void DeliverInterruption(ChannelName channel, StreamPosition? top) => throw new NotSupportedException();

        public void OnMessage(Guid sender, NodeMessage message) => throw new NotSupportedException();

        public void OnInterruption()
        {
            // At the start, when the name of the orders moves to its server.
        }
    }
}
