using System.Threading.Channels;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Nodes;

/// <summary>Carries out the requests of other nodes in queues of its own, because the workers of the bus must not wait.</summary>
/// <remarks>
/// Thread-safe. Requests about one user are carried out in order; those about other users, and questions, run in parallel. Queues are bounded: a
/// request that finds its queue full is dropped and logged.
/// </remarks>
internal sealed partial class NodeWork : IAsyncDisposable
{
    /// <summary>The length of one queue.</summary>
    public const int MaxQueued = 16_384;

    private const int UserQueues = 8;
    private const int Questions = UserQueues;

    private readonly ILogger _logger;
    private readonly Channel<Func<ValueTask>>[] _queues;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public NodeWork(ILogger<NodeWork> logger)
    {
        _logger = logger;
        _queues = [.. Enumerable.Range(0, Questions + 1).Select(_ => Channel.CreateBounded<Func<ValueTask>>(new BoundedChannelOptions(MaxQueued) { SingleReader = true }))];
        _running = Task.WhenAll(_queues.Select(queue => Task.Run(() => RunAsync(queue.Reader))));
    }

    /// <summary>Ends waits of requests when the broker stops.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Adds a request, which runs after earlier ones about the same user.</summary>
    public void Add(string user, Func<ValueTask> work) => Add((int)((uint)user.GetHashCode(StringComparison.Ordinal) % UserQueues), work);

    /// <summary>Adds an answer to another node.</summary>
    public void AddQuestion(Func<ValueTask> work) => Add(Questions, work);

    /// <summary>Waits for requests that are running; requests that wait are dropped. May be called again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private void Add(int queue, Func<ValueTask> work)
    {
        if (!_queues[queue].Writer.TryWrite(work))
        {
            Log.Full(_logger, MaxQueued);
        }
    }

    private async Task RunAsync(ChannelReader<Func<ValueTask>> queue)
    {
        while (await queue.WaitToReadAsync(_stop.Token))
        {
            while (!_stop.IsCancellationRequested && queue.TryRead(out var work))
            {
                await RunAsync(work);
            }
        }
    }

    private async ValueTask RunAsync(Func<ValueTask> work)
    {
        try
        {
            await work();
        }
        catch (StoreUnavailableException exception)
        {
            Log.Unavailable(_logger, exception.Message);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The broker stops, and with it every connection that the request is about.
        }
        catch (Exception exception)
        {
            // A bug. It must not stop the requests that follow.
            Log.Failed(_logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A request of another node could not be carried out: {Fault}.")]
        public static partial void Unavailable(ILogger logger, string fault);

        [LoggerMessage(2, LogLevel.Error, "A request of another node failed.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "Dropped a request of another node: {Queued} others already wait.")]
        public static partial void Full(ILogger logger, int queued);
    }
}
