using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Benchmarks.Transport;

/// <summary>How deliveries scale with reactors inside the process: channels, mailboxes and batches, without sockets.</summary>
/// <remarks>
/// <c>dotnet run -c Release --project Broker.Benchmarks -- reactors [ROUNDS]</c>. Each reactor has the same subscribers, so what all reactors deliver in the same time should
/// grow with their number, up to the cores. Contended gates are counted by the runtime: in the whole process, so those of publishers, too.
/// </remarks>
internal static class ReactorsRun
{
    private const int SubscribersPerReactor = 20_000;

    // Published at once, and delivered by each reactor in one batch; the next ones come when all have.
    private const int Burst = 8;
    private const int Bursts = 1_500;

    private static readonly byte[] Data = [.. Enumerable.Repeat((byte)'1', 100)];

    public static void Run(int rounds)
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores; {SubscribersPerReactor} subscribers on each reactor; {Bursts} bursts of {Burst} publications by one thread");
        Measure(1, isShared: true);
        Measure(2, isShared: false);
        for (var round = 1; round <= rounds; round++)
        {
            var one = Report(round, "1 reactor ", Measure(1, isShared: true), null);
            Report(round, "2 reactors, one channel on both  ", Measure(2, isShared: true), one);
            Report(round, "2 reactors, a channel for each   ", Measure(2, isShared: false), one);
        }
    }

    private static double Report(int round, string what, (double Rate, long Contended) result, double? one)
    {
        Console.WriteLine($"round {round}  {what,-34} {result.Rate / 1e6,8:F1} million deliveries/s  {(one is { } rate ? $"x{result.Rate / rate:F2}" : ""),6}  {result.Contended} contended gates");
        return result.Rate;
    }

    private static (double Rate, long Contended) Measure(int count, bool isShared)
    {
        using var pool = BenchmarkReactors.Create(count);
        var reactors = pool.Start();
        var hub = new HubShard();
        var channels = reactors.Select(reactor => isShared ? BenchmarkChannels.Townsquare : BenchmarkChannels.Parse($"public.of{reactor.Index}")).ToArray();
        foreach (var (reactor, channel) in reactors.Zip(channels))
        {
            for (var i = 0; i < SubscribersPerReactor; i++)
            {
                hub.Add(new Subscription(new UncountedSubscriber { Reactor = reactor }, channel) { State = SubscriptionState.Active });
            }
        }

        var published = channels.Distinct().ToArray();
        var contended = Monitor.LockContentionCount;
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < Bursts; i++)
        {
            Publish(hub, published);
            WaitFor(reactors);
        }

        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return ((double)Bursts * Burst * SubscribersPerReactor * count / seconds, Monitor.LockContentionCount - contended);
    }

    private static void Publish(HubShard hub, ChannelName[] channels)
    {
        for (var i = 0; i < Burst; i++)
        {
            foreach (var channel in channels)
            {
                hub.FanOut(channel, new ChannelPush(channel, new() { Position = Engine.PublishResult.NoPosition, Publication = new(Data) }));
            }
        }
    }

    private static void WaitFor(Reactor[] reactors)
    {
        using var done = new CountdownEvent(reactors.Length);
        Array.ForEach(reactors, reactor => reactor.Post(() => done.Signal()));
        done.Wait();
    }
}
