using System.Buffers;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Delivers messages from the bus: each channel has one worker, which keeps its order, and channels are delivered in parallel.</summary>
/// <remarks>
/// Thread-safe. A worker's queue is bounded: when it is full, the connection is not read until there is room, and a node that stays behind for good
/// is disconnected by Redis, which is an interruption like any other.
/// </remarks>
internal sealed partial class BusWorkers : IAsyncDisposable
{
    private const int MaxWorkers = 8;
    private const int MaxQueued = 16_384;

    private readonly IBusDelivery _delivery;
    private readonly ILogger _logger;
    private readonly Channel<Item>[] _queues;
    private readonly Task _running;

    public BusWorkers(IBusDelivery delivery, ILogger logger)
    {
        _delivery = delivery;
        _logger = logger;
        _queues = [.. Enumerable.Range(0, Math.Min(MaxWorkers, Environment.ProcessorCount)).Select(_ => MakeQueue())];
        _running = Task.WhenAll(_queues.Select(queue => Task.Run(() => RunAsync(queue.Reader))));
    }

    /// <summary>Queues a message. Called for one message after another.</summary>
    /// <param name="message">Copied before this returns.</param>
    public ValueTask AddMessageAsync(BusSubscription subscription, ReadOnlySpan<byte> message)
    {
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        return AddAsync(new(subscription, copy, message.Length));
    }

    /// <summary>Queues a notice that publications may have been missed.</summary>
    /// <param name="top">See <see cref="Broker.Engine.IChannelReceiver.DeliverInterruption"/>.</param>
    public ValueTask AddInterruptionAsync(BusSubscription subscription, StreamPosition? top) => AddAsync(new(subscription, Message: null, 0, top));

    /// <summary>Queued messages are still delivered.</summary>
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
                await _delivery.WhenRoom();
                try
                {
                    Deliver(item);
                }
                catch (Exception exception)
                {
                    // A bug. It must not stop the delivery of this worker's other channels.
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
        [LoggerMessage(1, LogLevel.Error, "A message on the bus in {Name} could not be delivered.")]
        public static partial void Failed(ILogger logger, string name, Exception exception);
    }

    /// <param name="Message">From the pool; null for an interruption.</param>
    private readonly record struct Item(BusSubscription Subscription, byte[]? Message, int Length, StreamPosition? Top = null);
}

/// <summary>Handles the messages of a worker. Members do not throw.</summary>
internal interface IBusDelivery
{
    /// <param name="message">Anything; only valid until this returns.</param>
    void Deliver(BusSubscription subscription, ReadOnlyMemory<byte> message);

    void Interrupt(BusSubscription subscription, StreamPosition? top);

    /// <inheritdoc cref="Broker.Engine.IChannelReceiver.WhenRoom"/>
    ValueTask WhenRoom() => ValueTask.CompletedTask;
}
