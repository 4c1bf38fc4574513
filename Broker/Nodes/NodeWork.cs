using System.Threading.Channels;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Nodes;

/// <summary>Does what other nodes want, beside the bus, whose workers do not wait.</summary>
/// <remarks>
/// Thread-safe. What concerns one user is done in order, and users and questions beside each other. A queue has an end: what comes when
/// it is full is not done, and the log says so.
/// </remarks>
internal sealed partial class NodeWork : IAsyncDisposable
{
    /// <summary>How much waits in one queue at most.</summary>
    public const int MaxQueued = 16_384;

    private const int UserQueues = 8;
    private const int Questions = UserQueues;

    private readonly ILogger _logger;
    private readonly Channel<Func<ValueTask>>[] _queues;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="logger">Is told of what could not be done.</param>
    public NodeWork(ILogger<NodeWork> logger)
    {
        _logger = logger;
        _queues = [.. Enumerable.Range(0, Questions + 1).Select(_ => Channel.CreateBounded<Func<ValueTask>>(new BoundedChannelOptions(MaxQueued) { SingleReader = true }))];
        _running = Task.WhenAll(_queues.Select(queue => Task.Run(() => RunAsync(queue.Reader))));
    }

    /// <summary>After everything that was added for this user before.</summary>
    public void Add(string user, Func<ValueTask> work) => Add((int)((uint)user.GetHashCode(StringComparison.Ordinal) % UserQueues), work);

    /// <summary>To answer another node.</summary>
    public void AddQuestion(Func<ValueTask> work) => Add(Questions, work);

    /// <summary>What is being done is ended; what waits is not begun. May be called again.</summary>
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
        catch (Exception exception)
        {
            // A bug. It must not keep what other nodes want from being done.
            Log.Failed(_logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What another node wanted could not be done: {Fault}.")]
        public static partial void Unavailable(ILogger logger, string fault);

        [LoggerMessage(2, LogLevel.Error, "What another node wanted failed.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "What another node wanted is not done: {Queued} others wait already.")]
        public static partial void Full(ILogger logger, int queued);
    }
}
