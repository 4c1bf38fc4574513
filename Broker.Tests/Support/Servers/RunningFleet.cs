using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Nodes as separate processes, each with a client that follows all channels and with publishers that never stop.</summary>
internal sealed class RunningFleet : IAsyncDisposable
{
    /// <summary>Has history; clients recover.</summary>
    public const string Kept = "kept:a";

    /// <summary>Has none.</summary>
    public const string Passing = "passing:a";

    private readonly List<NodeProgram> _nodes = [];
    private readonly List<FollowingClient> _clients = [];
    private readonly List<SteadyPublisher> _publishers = [];
    private NodeProgram? _lead;
    private int _fences;

    public IReadOnlyList<NodeProgram> Nodes => _nodes;

    /// <summary>As many as nodes: each is on its node at first.</summary>
    public IReadOnlyList<FollowingClient> Clients => _clients;

    /// <summary>Two for each node: of <see cref="Kept"/> and of <see cref="Passing"/>.</summary>
    public IReadOnlyList<SteadyPublisher> Publishers => _publishers;

    /// <param name="redis">The <c>REDIS_URL</c> of each node.</param>
    /// <param name="settings">More environment variables of all nodes.</param>
    public static async Task<RunningFleet> StartAsync(IReadOnlyList<string> redis, params (string Name, string Value)[] settings)
    {
        var fleet = new RunningFleet();
        fleet._nodes.AddRange(await Task.WhenAll(redis.Select(url => NodeProgram.StartAsync(url, settings))));
        foreach (var node in fleet._nodes)
        {
            fleet._clients.Add(new FollowingClient(() => (fleet._lead ?? node).Url, null, Kept, Passing));
        }

        await Task.WhenAll(fleet._clients.Select(client => client.AwaitSubscribedAsync()));
        foreach (var (node, i) in fleet._nodes.Select((node, i) => (node, i)))
        {
            fleet._publishers.Add(new SteadyPublisher(node.Http, Kept, string.Create(CultureInfo.InvariantCulture, $"kept{i}"), keepsTrying: true));
            fleet._publishers.Add(new SteadyPublisher(node.Http, Passing, string.Create(CultureInfo.InvariantCulture, $"passing{i}"), keepsTrying: false));
        }

        await Eventually.IsTrueAsync(() => fleet._publishers.TrueForAll(publisher => publisher.Acknowledged.Count >= 3), "nothing is acknowledged");
        return fleet;
    }

    /// <summary>Clients that connect from here on reach this node, as behind a load balancer that knows that the others are dead.</summary>
    public void LeadClientsTo(NodeProgram node) => Volatile.Write(ref _lead, node);

    /// <summary>Waits until <c>/health</c> of a node says 503 or 200.</summary>
    /// <returns>The time that it took, including the last answer.</returns>
    public static Task<TimeSpan> AwaitHealthAsync(NodeProgram node, int status) => Eventually.IsTrueAsync(
        async () =>
        {
            using var answer = await node.Http.GetAsync(new Uri("/health", UriKind.Relative));
            return (int)answer.StatusCode == status;
        },
        $"/health never says {status}");

    /// <summary>Waits until publications through each of these nodes in each channel reach every client.</summary>
    public async Task<TimeSpan> AwaitDeliveryAsync(params NodeProgram[] nodes)
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var node in nodes)
        {
            foreach (var channel in (string[])[Kept, Passing])
            {
                await AwaitDeliveryAsync(node, channel, begun);
            }
        }

        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Ends the publishing, waits for all deliveries, and compares the received publications with the acknowledged ones.</summary>
    /// <param name="mayLoseHistory">Redis has lost its data: the clients start again, and know it.</param>
    /// <param name="gone">Nodes that are no more.</param>
    public async Task VerifyAsync(bool mayLoseHistory = false, params NodeProgram[] gone)
    {
        await Task.WhenAll(_publishers.Select(publisher => publisher.DisposeAsync().AsTask()));
        await AwaitDeliveryAsync([.. _nodes.Except(gone)]);

        // The report of a gap may arrive after publications that follow it.
        foreach (var passing in _clients.Select(client => client[Passing]))
        {
            await Eventually.GetAsync(
                () => Task.FromResult(string.Join("; ", FollowingCheck.OfPassing(passing.All, PublishersOf(Passing)))), faults => faults.Length == 0, "publications are missing");
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_publishers.SelectMany(publisher => publisher.Statuses.Keys).Distinct(), Is.SubsetOf(new[] { 200, 503, NodeAnswer.None }));
            foreach (var channel in _clients.SelectMany(client => client.Channels))
            {
                Assert.That(channel.Faults, Is.Empty, channel.Name);
            }

            foreach (var kept in _clients.Select(client => client[Kept]))
            {
                Assert.That(FollowingCheck.OfKept(kept.All, PublishersOf(Kept).SelectMany(publisher => publisher.Acknowledged), mayLoseHistory), Is.Empty);
            }
        }
    }

    private IEnumerable<SteadyPublisher> PublishersOf(string channel) => _publishers.Where(publisher => publisher.Channel == channel);

    /// <summary>The results, for the log of the test.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_publishers.Sum(publisher => publisher.Acknowledged.Count)} acknowledged, {_publishers.Sum(publisher => publisher.Statuses.GetValueOrDefault(503))} refused, {_clients.Sum(client => client[Passing].Gaps)} gaps told");

    /// <summary>The nodes end in any case: processes must not outlive the test.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_publishers.Select(publisher => publisher.DisposeAsync().AsTask()));
            await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        }
        finally
        {
            await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    // A client that was just notified of a gap may miss a publication in a channel without history: then another one follows.
    private async Task AwaitDeliveryAsync(NodeProgram node, string channel, long begun)
    {
        while (true)
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), $"{channel} is not delivered");
            var fence = string.Create(CultureInfo.InvariantCulture, $"fence-{Interlocked.Increment(ref _fences)}");
            if (!(await node.Http.PublishAsync(channel, fence)).IsAcknowledged)
            {
                continue;
            }

            for (var look = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(look) < TimeSpan.FromMilliseconds(200); await Task.Delay(5))
            {
                if (_clients.TrueForAll(client => client[channel].Has(fence)))
                {
                    return;
                }
            }
        }
    }
}
