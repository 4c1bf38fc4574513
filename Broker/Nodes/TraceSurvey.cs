using System.Collections.Concurrent;
using System.Threading.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Telemetry.Following;

namespace ClawEvents.Broker.Nodes;

/// <summary>Follows on all nodes: this one asks the others again and again, and tells them when it has enough. A node that stops asking is told nothing any more.</summary>
internal sealed class TraceSurvey(LocalTraces here, INodeBus bus, NodeWork work, TimeProvider time, ILogger<TraceSurvey> logger) : INodeTraces
{
    private const byte OrderSeconds = 15;

    // Reports of other nodes that wait for the caller.
    private const int MaxReports = 64;

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    // A busy channel fills one report, not hundreds of messages.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly byte[] Lost = [.. """[{"event":"dropped"}]"""u8];

    private readonly ConcurrentDictionary<Guid, Channel<NodeEvents>> _heard = new();
    private readonly ConcurrentDictionary<Guid, Telling> _told = new();

    /// <inheritdoc/>
    public async Task<bool> FollowAsync(TraceSubject subject, Func<NodeEvents, ValueTask> report, CancellationToken cancellation)
    {
        var id = Guid.NewGuid();
        var reports = Channel.CreateBounded<NodeEvents>(MaxReports);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, work.Stopping);
        _heard[id] = reports;
        var asking = AskAsync(id, subject, over.Token);
        try
        {
            var own = here.FollowAsync(subject, events => reports.Writer.WriteAsync(events, over.Token), over.Token);
            var handing = HandOnAsync(reports.Reader, report, over.Token);
            await Task.WhenAny(own, handing);
            await over.CancelAsync();
            await handing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await own;
        }
        finally
        {
            await over.CancelAsync();
            _heard.TryRemove(id, out _);
            await asking;
        }
    }

    /// <summary>Another node wants to hear about a subject, still wants to, or does not any more.</summary>
    public void OnOrder(Guid node, TraceOrder order)
    {
        if (_told.TryGetValue(order.Id, out var telling))
        {
            telling.Set(order.Seconds);
        }
        else if (order.Seconds > 0 && _told.Count < LiveTrace.MaxFollowers)
        {
            _ = Unattended.RunAsync(() => TellAsync(node, order), logger, "tell another node what happens");
        }
    }

    /// <summary>Another node reports. A report that nobody waits for is ignored.</summary>
    public void OnReport(Guid node, TraceReport report)
    {
        if (_heard.TryGetValue(report.Id, out var reports) && !reports.Writer.TryWrite(new(node.ToString(), report.Events)))
        {
            // The oldest one makes room for the notice.
            reports.Reader.TryRead(out _);
            reports.Writer.TryWrite(new(node.ToString(), Lost));
        }
    }

    private static async Task HandOnAsync(ChannelReader<NodeEvents> reports, Func<NodeEvents, ValueTask> report, CancellationToken cancellation)
    {
        await foreach (var events in reports.ReadAllAsync(cancellation))
        {
            await report(events);
        }
    }

    private async Task AskAsync(Guid id, TraceSubject subject, CancellationToken over)
    {
        do
        {
            await TrySendAsync(new TraceOrder(id, subject, OrderSeconds));
            await Task.Delay(AskEvery, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!over.IsCancellationRequested);
        await TrySendAsync(new TraceOrder(id, subject, 0));
    }

    // An outage of the bus is in the log already, and the next order comes soon.
    private async Task TrySendAsync(TraceOrder order)
    {
        try
        {
            await bus.SendAsync(order);
        }
        catch (StoreUnavailableException)
        {
            return;
        }
    }

    private async ValueTask TellAsync(Guid node, TraceOrder order)
    {
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end.Token, work.Stopping);
        var telling = new Telling(end);
        if (!_told.TryAdd(order.Id, telling))
        {
            return;
        }

        telling.Set(order.Seconds);
        try
        {
            await here.FollowAsync(order.Subject, events => SendAsync(node, order.Id, events), over.Token);
        }
        finally
        {
            _told.TryRemove(order.Id, out _);
        }
    }

    private async ValueTask SendAsync(Guid node, Guid id, NodeEvents events)
    {
        await bus.TrySendAsync(node, new TraceReport(id, events.Events));
        await Task.Delay(Pause, time);
    }

    /// <summary>How long another node is told. It may end while its time is extended.</summary>
    private sealed class Telling(CancellationTokenSource end)
    {
        public void Set(byte seconds)
        {
            try
            {
                end.CancelAfter(TimeSpan.FromSeconds(seconds));
            }
            catch (ObjectDisposedException)
            {
                // It has just ended; the other node asks again.
                return;
            }
        }
    }
}
