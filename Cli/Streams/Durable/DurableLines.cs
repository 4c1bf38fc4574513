using System.Collections.Concurrent;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Durable;

/// <summary>Lines on standard output whose cursor moves when the system has taken them. A gap is a line of its own.</summary>
internal sealed class DurableLines : IPublicationSink
{
    // What a crash repeats at most. Each save costs a write to the disk.
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(200);

    private readonly DurableConsumer _consumer;
    private readonly StandardOutputSink _lines;
    private readonly ConcurrentQueue<(long End, MessagePlace Place)> _underWay = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _clock;
    private Exception? _trouble;
    private bool _isArmed;

    /// <param name="open">Makes the lines; they report how many bytes the system has taken.</param>
    public DurableLines(DurableConsumer consumer, Func<Action<long>, StandardOutputSink> open, TimeProvider time)
    {
        _consumer = consumer;
        _clock = time.CreateTimer(_ => SaveNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _lines = open(OnTaken);
        Broken = Task.WhenAny(_lines.Broken, _broken.Task);
    }

    public bool IsFull => _lines.IsFull;

    public string Lag => _lines.Lag;

    public Task Broken { get; }

    public void Begin(Subscription subscription) => Try(() => _consumer.Begin(subscription));

    public void Write(Subscription subscription, in Publication publication)
    {
        var place = MessagePlace.Of(subscription, publication);
        if (_consumer.Receive(place))
        {
            _lines.Write(subscription, publication);
            _underWay.Enqueue((_lines.AcceptedBytes, place));
        }
    }

    public void WriteGap(Gap gap)
    {
        _consumer.Skip(gap);
        _lines.WriteLine(gap.ToJson());
    }

    public void Flush() => _lines.Flush();

    public Task WaitForRoomAsync(CancellationToken stop) => _lines.WaitForRoomAsync(stop);

    public async Task<Outcome?> EndAsync(CancellationToken giveUp)
    {
        var outcome = await _lines.EndAsync(giveUp);
        await _clock.DisposeAsync();
        Try(_consumer.Save);
        return outcome ?? (_trouble is { } trouble ? CursorFailure.Of(trouble) : null);
    }

    private void OnTaken(long bytes)
    {
        var taken = new List<MessagePlace>();
        while (_underWay.TryPeek(out var line) && line.End <= bytes && _underWay.TryDequeue(out line))
        {
            taken.Add(line.Place);
        }
        _consumer.MarkDone(taken);
        if (Interlocked.Exchange(ref _isArmed, true) is false)
        {
            _clock.Change(SaveInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void SaveNow()
    {
        Volatile.Write(ref _isArmed, false);
        Try(_consumer.Save);
    }

    // Lines without a cursor would come again for ever: the stream ends.
    private void Try(Action save)
    {
        try
        {
            save();
        }
        catch (Exception exception) when (CursorFailure.IsOne(exception))
        {
            _trouble ??= exception;
            _broken.TrySetResult();
        }
    }
}
