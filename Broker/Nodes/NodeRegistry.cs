using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Nodes;

/// <summary>Keeps the reports of the other nodes: every node sends one to all others every three seconds. docs/explanation/many-nodes.md</summary>
/// <remarks>Thread-safe. A node that stops says goodbye; one that is silent for three beats and a second more is considered dead.</remarks>
internal sealed class NodeRegistry(LocalNodeSurvey here, INodeBus bus, NodeWork work, TimeProvider time, ILogger<NodeRegistry> logger) : IHostedService, IDisposable
{
    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(3);

    /// <summary>How long a silent node is considered alive.</summary>
    public static readonly TimeSpan Life = (3 * BeatInterval) + TimeSpan.FromSeconds(1);

    // More than any fleet has; messages on the bus cannot fill the memory.
    private const int MaxNodes = 10_000;

    private readonly ConcurrentDictionary<Guid, HeardReport> _others = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>The last report of each other node that is alive.</summary>
    public IReadOnlyDictionary<Guid, NodeReport> Others =>
        _others.Where(other => IsAlive(other.Value)).ToDictionary(other => other.Key, other => other.Value.Report);

    /// <summary>A node has sent its report.</summary>
    public void OnBeat(Guid node, NodeBeat beat)
    {
        if (_others.ContainsKey(node) || _others.Count < MaxNodes)
        {
            _others[node] = new(beat.Report, time.GetTimestamp());
        }

        if (beat.IsFirst)
        {
            work.AddQuestion(async () => await bus.TrySendAsync(node, new NodeBeat(here.Report(), IsFirst: false)));
        }
    }

    /// <summary>A node has stopped.</summary>
    public void Remove(Guid node) => _others.TryRemove(node, out _);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TryTellAsync(new NodeFarewell());
    }

    public void Dispose() => _stop.Dispose();

    private bool IsAlive(HeardReport report) => time.GetElapsedTime(report.HeardAt) < Life;

    private async Task RunAsync()
    {
        using var beats = new PeriodicTimer(BeatInterval, time);
        var isFirst = true;
        do
        {
            if (await TryTellAsync(new NodeBeat(here.Report(), isFirst)))
            {
                isFirst = false;
            }

            ForgetDead();
        }
        while (await beats.WaitForNextTickAsync(_stop.Token));
    }

    private Task<bool> TryTellAsync(NodeMessage message) =>
        Unattended.RunAsync(() => bus.SendAsync(message), logger, "tell the other nodes that this one is there");

    private void ForgetDead()
    {
        foreach (var dead in _others.Where(other => !IsAlive(other.Value)))
        {
            _others.TryRemove(dead);
        }
    }

    private sealed record HeardReport(NodeReport Report, long HeardAt);
}
