using System.Buffers;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Hands on what came in over the bus: each channel has one worker, so that its order stays, and the channels run beside each other.</summary>
/// <remarks>
/// Thread-safe. A worker's queue has an end: then the connection is not read until there is room, and a node that stays behind for good is cut off by
/// Redis, which is an interruption as any other.
/// </remarks>
internal sealed partial class BusWorkers : IAsyncDisposable
{
    private const int MaxWorkers = 8;
    private const int MaxQueued = 16_384;

    private readonly IBusDelivery _delivery;
    private readonly ILogger _logger;
    private readonly Channel<Item>[] _queues;
    private readonly Task _running;

    /// <param name="delivery">What a worker does.</param>
    /// <param name="logger">Is told of what should not be.</param>
    public BusWorkers(IBusDelivery delivery, ILogger logger)
    {
        _delivery = delivery;
        _logger = logger;
        _queues = [.. Enumerable.Range(0, Math.Min(MaxWorkers, Environment.ProcessorCount)).Select(_ => MakeQueue())];
        _running = Task.WhenAll(_queues.Select(queue => Task.Run(() => RunAsync(queue.Reader))));
    }

    /// <summary>Queues a message. The caller calls it for one message after another.</summary>
    /// <param name="subscription">Whose it is.</param>
    /// <param name="message">Copied before this returns.</param>
    public ValueTask AddMessageAsync(BusSubscription subscription, ReadOnlySpan<byte> message)
    {
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        return AddAsync(new(subscription, copy, message.Length));
    }

    /// <summary>Queues the word that something may have passed by.</summary>
    /// <param name="subscription">Of a channel.</param>
    /// <param name="top">As in <see cref="Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    public ValueTask AddInterruptionAsync(BusSubscription subscription, StreamPosition? top) => AddAsync(new(subscription, Message: null, 0, top));

    /// <summary>What is queued is still handed on.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues)
        {
            queue.Writer.Complete();
        }

        await _running;
    }

    private static Channel<Item> MakeQueue() => Channel.CreateBounded<Item>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });

    private ValueTask AddAsync(in Item item)
    {
        var writer = _queues[(uint)item.Subscription.Name.GetHashCode(StringComparison.Ordinal) % (uint)_queues.Length].Writer;
        return writer.TryWrite(item) ? ValueTask.CompletedTask : writer.WriteAsync(item);
    }

    private async Task RunAsync(ChannelReader<Item> queue)
    {
        while (await queue.WaitToReadAsync())
        {
            while (queue.TryRead(out var item))
            {
                try
                {
                    Deliver(item);
                }
                catch (Exception exception)
                {
                    // A bug. It must not silence the other channels of this worker.
                    Log.Failed(_logger, item.Subscription.Name, exception);
                }
            }
        }
    }

    private void Deliver(in Item item)
    {
        if (item.Message is not { } message)
        {
            _delivery.Interrupt(item.Subscription, item.Top);
            return;
        }

        _delivery.Deliver(item.Subscription, message.AsMemory(0, item.Length));
        ArrayPool<byte>.Shared.Return(message);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A message on the bus in {Name} could not be handed on.")]
        public static partial void Failed(ILogger logger, string name, Exception exception);
    }

    /// <param name="Message">From the pool; null for an interruption.</param>
    private readonly record struct Item(BusSubscription Subscription, byte[]? Message, int Length, StreamPosition? Top = null);
}

/// <summary>What a worker does. Members do not throw.</summary>
internal interface IBusDelivery
{
    /// <param name="subscription">Whose it is.</param>
    /// <param name="message">Anything; only valid until this returns.</param>
    void Deliver(BusSubscription subscription, ReadOnlyMemory<byte> message);

    void Interrupt(BusSubscription subscription, StreamPosition? top);
}
