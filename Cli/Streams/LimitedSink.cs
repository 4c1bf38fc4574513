using System.Globalization;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>Passes publications on until a limit is reached, and takes no more then.</summary>
internal sealed class LimitedSink : IPublicationSink
{
    private readonly IPublicationSink _inner;
    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _clock;
    private readonly long _startedAt;
    private long _lastAt;
    private long _count;

    public LimitedSink(IPublicationSink inner, StreamLimits limits, TimeProvider time)
    {
        (_inner, _limits, _time) = (inner, limits, time);
        _lastAt = _startedAt = time.GetTimestamp();
        Broken = Task.WhenAny(inner.Broken, _reached.Task);
        _clock = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock.Change(Left(), Timeout.InfiniteTimeSpan);
    }

    public bool IsFull => _inner.IsFull;

    public string Lag => _inner.Lag;

    public Task Broken { get; }

    public void Begin(Subscription subscription)
    {
        // Nothing could have come before.
        Volatile.Write(ref _lastAt, _time.GetTimestamp());
        _inner.Begin(subscription);
    }

    public void WriteGap(Gap gap) => _inner.WriteGap(gap);

    public void Write(Subscription subscription, in Publication publication)
    {
        if (_reached.Task.IsCompleted)
        {
            return;
        }
        _inner.Write(subscription, publication);
        Volatile.Write(ref _lastAt, _time.GetTimestamp());
        if (++_count == _limits.Count)
        {
            _inner.Flush();
            _reached.TrySetResult();
        }
    }

    public void Flush() => _inner.Flush();

    public Task WaitForRoomAsync(CancellationToken stop) => _inner.WaitForRoomAsync(stop);

    public async Task<Outcome?> EndAsync(CancellationToken giveUp)
    {
        await _clock.DisposeAsync();
        var outcome = await _inner.EndAsync(giveUp);
        return outcome ?? (_reached.Task.IsCompleted ? OwnOutcome() : null);
    }

    private Outcome OwnOutcome() => _limits.Count is { } wanted && _count < wanted
        ? new Failure(
            string.Create(CultureInfo.InvariantCulture, $"Only {_count} of {wanted} messages came"),
            "Wait longer: --timeout, --wait", "Begin in the history: --since 10m")
        : new Finished(0);

    // Messages only postpone the end, so the timer is adjusted when it fires, not once per message.
    private void Look()
    {
        if (Left() is var left && left > TimeSpan.Zero)
        {
            _clock.Change(left, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _reached.TrySetResult();
        }
    }

    private TimeSpan Left()
    {
        var silence = _limits.Silence - _time.GetElapsedTime(Volatile.Read(ref _lastAt));
        var duration = _limits.Duration - _time.GetElapsedTime(_startedAt);
        return (silence < duration ? silence : duration ?? silence) ?? Timeout.InfiniteTimeSpan;
    }
}
