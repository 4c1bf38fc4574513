using System.Globalization;
using System.Text;
using System.Threading.Channels;
using ClawEvents.Broker.Consumers;
using Confluent.Kafka;

namespace ClawEvents.Broker.Queues.Kafka;

/// <summary>A partition that this node has: a queue of its messages, and the task that carries them out one after the other.</summary>
/// <remarks>
/// DESIGN. A pause makes the library drop what it has fetched ahead, and fetch it again: half a second at worst. So a full queue first lets the thread that adds
/// messages wait until half of it is done; only a partition that does not come so far in a short time is paused, so that it does not hold the others up.
/// </remarks>
internal sealed class KafkaPartition : IAsyncDisposable
{
    private static readonly TimeSpan TimeBeforePause = TimeSpan.FromMilliseconds(250);
    private static readonly Dictionary<string, string> NoHeaders = [];

    private readonly IConsumer<Ignore, byte[]> _client;
    private readonly ConsumerWork _work;
    private readonly TopicPartition _place;
    private readonly int _most;
    private readonly Channel<ConsumeResult<Ignore, byte[]>> _queue = Channel.CreateUnbounded<ConsumeResult<Ignore, byte[]>>(new() { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();
    private readonly Task _running;
    private int _waiting;
    private bool _isPaused;

    // The offset after the last message that is done, or of the first one; -1: none has come yet.
    private long _next = -1;

    /// <param name="most">Messages in memory.</param>
    /// <param name="onFault">Called when the partition cannot go on, which is a fault of the program.</param>
    public KafkaPartition(IConsumer<Ignore, byte[]> client, ConsumerWork work, TopicPartition place, int most, Action<Exception> onFault)
    {
        (_client, _work, _place, _most) = (client, work, place, most);
        _running = Task.Run(() => RunAsync(onFault));
    }

    /// <summary>Messages up to an offset that are not done yet.</summary>
    public long LagBehind(Offset high) => Volatile.Read(ref _next) is >= 0 and var next && !high.IsSpecial ? Math.Max(0, high.Value - next) : 0;

    /// <summary>Waits when the queue is full, for a short time.</summary>
    public void Add(ConsumeResult<Ignore, byte[]> message)
    {
        Interlocked.CompareExchange(ref _next, message.Offset.Value, -1);
        lock (_gate)
        {
            _waiting++;
            _queue.Writer.TryWrite(message);
            if (_waiting >= _most && !_isPaused)
            {
                Monitor.Wait(_gate, TimeBeforePause);
                PauseIfFull();
            }
        }
    }

    /// <summary>Lets the message in work finish, and drops the others. A message that waits for its next attempt is dropped, too.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        Resume();
    }

    private async Task RunAsync(Action<Exception> onFault)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(_stop.Token))
            {
                _stop.Token.ThrowIfCancellationRequested();
                await _work.HandleAsync(Read(message), _stop.Token);
                OnDone(message);
            }
        }
        catch (Exception exception)
        {
            // A stop ends the loop at any of its lines.
            if (!_stop.IsCancellationRequested)
            {
                onFault(exception);
            }
        }
    }

    private void OnDone(ConsumeResult<Ignore, byte[]> message)
    {
        _client.StoreOffset(message);
        Volatile.Write(ref _next, message.Offset.Value + 1);
        lock (_gate)
        {
            _waiting--;
            if (_waiting <= _most / 2)
            {
                Monitor.Pulse(_gate);
                Resume();
            }
        }
    }

    private void PauseIfFull()
    {
        if (_waiting > _most / 2)
        {
            _isPaused = true;
            _client.Pause([_place]);
        }
    }

    private void Resume()
    {
        if (_isPaused)
        {
            _isPaused = false;
            _client.Resume([_place]);
        }
    }

    private static QueuedMessage Read(ConsumeResult<Ignore, byte[]> message)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{message.Topic} {message.Partition.Value} {message.Offset.Value}");
        return new(place, HeadersOf(message.Message), message.Message.Value ?? []);
    }

    // As with Centrifugo, the first of two equal names counts.
    private static Dictionary<string, string> HeadersOf(MessageMetadata message)
    {
        if (message.Headers is not { Count: > 0 })
        {
            return NoHeaders;
        }

        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in message.Headers)
        {
            headers.TryAdd(header.Key, header.GetValueBytes() is { } value ? Encoding.UTF8.GetString(value) : "");
        }

        return headers;
    }
}
