using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Three nodes on one Redis that are restarted one after another, while a crowd listens and publishers never stop. docs/explanation/many-nodes.md#rolling-restart</summary>
[NonParallelizable]
public sealed class RollingRestartTests
{
    private const int Nodes = 3;

    // Of each kind: with history, and without.
    private const int Channels = 20;

    private static readonly TimeSpan Undisturbed = TimeSpan.FromSeconds(15);

    // Between two publications of a publisher, which serves a fourth of the channels.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, ConcurrentQueue<Acknowledgement>> _acknowledged = new();
    private readonly Lock _gate = new();

    // Under the gate. Milliseconds.
    private List<double> _times = [];
    private int _phase;
    private int _number;

    [TestCase(2_000, Category = "Slow")]
    [CancelAfter(900_000)]
    public async Task Clients_of_the_other_nodes_notice_nothing_and_those_with_history_lose_nothing(int crowd, CancellationToken cancellation)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var nodes = await RollingNodes.StartAsync(Nodes, redis.Url(), ("DrainDelaySeconds", "1"), ("DrainSeconds", "10"));
        var members = Enumerable.Range(0, crowd).Select(i => new Member(this, nodes, i)).ToList();
        foreach (var member in members)
        {
            await member.Client.AwaitSubscribedAsync();
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var publishing = Task.WhenAll(Enumerable.Range(0, 4).Select(i => PublishAsync(nodes, i, stop.Token)));
        await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        TakeTimes();
        await Task.Delay(Undisturbed, cancellation);
        var before = await ReportAsync("undisturbed", TakeTimes());
        var during = new List<double>();
        for (var i = 0; i < nodes.Count; i++)
        {
            during.AddRange(await RestartAsync(nodes, i, members));
        }

        await ReportAsync("all restarts", during);
        await stop.CancelAsync();
        await publishing;
        await VerifyAsync(members);
        Assert.That(Percentile(during, 99), Is.LessThan(2 * before));
        await Task.WhenAll(members.Select(member => member.Client.DisposeAsync().AsTask()));
    }

    private async Task<List<double>> RestartAsync(RollingNodes nodes, int index, List<Member> members)
    {
        TakeTimes();
        var begun = Stopwatch.GetTimestamp();
        await nodes.StopAsync(index);
        var ended = Stopwatch.GetElapsedTime(begun);
        await Eventually.IsTrueAsync(() => members.TrueForAll(member => member.IsSubscribed), "not all are back");
        var back = Stopwatch.GetElapsedTime(begun);
        var moved = members.Count(member => member.MovedIn == _phase);
        var times = TakeTimes();
        await ReportAsync(string.Create(CultureInfo.InvariantCulture, $"node {index} stops: {moved} clients moved, ended after {ended.TotalSeconds:F1} s, all back after {back.TotalSeconds:F1} s"), times);
        await nodes.StartAgainAsync(index);
        await ReportAsync($"node {index} starts again", TakeTimes());
        return times;
    }

    private async Task PublishAsync(RollingNodes nodes, int publisher, CancellationToken stop)
    {
        for (var i = publisher; !stop.IsCancellationRequested; i += 4)
        {
            var (isKept, channel) = (i / 4 % 2 == 0, i % Channels);
            await (isKept ? PublishKeptAsync(nodes, $"kept:c{channel}") : nodes.Pick().Node.Http.PublishAsync($"passing:c{channel}", NextText()));
            await Task.Delay(Pace, CancellationToken.None);
        }
    }

    // Again, until a node has it.
    private async Task PublishKeptAsync(RollingNodes nodes, string channel)
    {
        var text = NextText();
        NodeAnswer answer;
        do
        {
            answer = await nodes.Pick().Node.Http.PublishAsync(channel, text, text);
        }
        while (!answer.IsAcknowledged);
        _acknowledged.GetOrAdd(channel, _ => new()).Enqueue(new(text, answer.Offset, answer.Epoch));
    }

    private string NextText() => string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _number)}-{Stopwatch.GetTimestamp()}");

    private void Hear(Member member, string text)
    {
        var milliseconds = Stopwatch.GetElapsedTime(long.Parse(text.AsSpan(text.IndexOf('-', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture)).TotalMilliseconds;
        lock (_gate)
        {
            // A client that has moved recovers: its first publications are old.
            if (member.MovedIn != _phase)
            {
                _times.Add(milliseconds);
            }
        }
    }

    private List<double> TakeTimes()
    {
        lock (_gate)
        {
            _phase++;
            (var times, _times) = (_times, []);
            return times;
        }
    }

    private async Task VerifyAsync(List<Member> members)
    {
        foreach (var member in members)
        {
            var acknowledged = _acknowledged[member.Kept.Name];
            await Eventually.IsTrueAsync(() => member.Kept.Has(acknowledged.Last().Text), "the last publication does not come");
        }

        Assert.That(members.SelectMany(member => FollowingCheck.OfKept(member.Kept.All, _acknowledged[member.Kept.Name])).Take(10), Is.Empty);
        Assert.That(members.SelectMany(member => member.Client.Channels).SelectMany(channel => channel.Faults).Take(10), Is.Empty);
    }

    private static async Task<double> ReportAsync(string what, List<double> times)
    {
        await TestContext.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {times.Count} deliveries, p50 {Percentile(times, 50):F1} ms, p99 {Percentile(times, 99):F1} ms, most {times.DefaultIfEmpty().Max():F1} ms"));
        return Percentile(times, 99);
    }

    private static double Percentile(List<double> times, int percent)
    {
        times.Sort();
        return times.Count == 0 ? 0 : times[(times.Count - 1) * percent / 100];
    }

    private sealed class Member
    {
        public Member(RollingRestartTests test, RollingNodes nodes, int number)
        {
            Client = new FollowingClient(
                () =>
                {
                    MovedIn = test._phase;
                    return nodes.Pick().Node.Url;
                },
                null,
                $"kept:c{number % Channels}",
                $"passing:c{number % Channels}");
            foreach (var channel in Client.Channels)
            {
                channel.OnPublication = text => test.Hear(this, text);
            }
        }

        public FollowingClient Client { get; }

        /// <summary>The phase of its last connection.</summary>
        public int MovedIn { get; private set; }

        public FollowedChannel Kept => Client.Channels.First();

        public bool IsSubscribed => Client.Channels.All(channel => channel.State is FollowingState.Subscribed);
    }
}
