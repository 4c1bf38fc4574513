using System.Buffers;
using System.Globalization;
using System.Text;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>Hands publications to child processes: one each, or in batches; once each, or at least once.</summary>
internal sealed class ChildSink : IPublicationSink
{
    private readonly ChildOptions _options;
    private readonly StreamReporter _reporter;
    private readonly TimeProvider _time;
    private readonly ChildQueue _queue;
    private readonly EventBatch? _batch;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ChildAttempts? _attempts;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _saidCutShort;
    private Failure? _failure;

    /// <param name="attempts">null to hand over once, whatever becomes of it.</param>
    public ChildSink(ChildOptions options, StreamReporter reporter, TimeProvider time, ChildAttempts? attempts = null)
    {
        (_options, _reporter, _time, _attempts) = (options, reporter, time, attempts);
        _queue = new ChildQueue(options.MaxParallel, ChildOptions.MaxQueuedBytes, RunAsync);
        Broken = Task.WhenAny(_queue.Stopped, _failed.Task);
        _batch = options.Batch is { } limits
            ? new EventBatch(limits, ChildCommand.MaxArgumentBytes, time, _queue.Add)
            : null;
    }

    public bool IsFull => _queue.IsFull;

    public string Lag => $"The commands are {ChildOptions.MaxQueuedBytes / (1024 * 1024)} MiB of messages behind";

    public Task Broken { get; }

    public void Begin(Subscription subscription) => TryKeep(() => _attempts?.Consumer.Begin(subscription));

    /// <summary>Writes it to stderr as JSON: standard output is that of the children.</summary>
    public void WriteGap(Gap gap)
    {
        if (_attempts is not null)
        {
            _attempts.Consumer.Skip(gap);
            _reporter.WriteError(Encoding.UTF8.GetString(gap.ToJson()));
        }
    }

    public void Write(Subscription subscription, in Publication publication)
    {
        var place = MessagePlace.Of(subscription, publication);
        if (_attempts?.Consumer.Receive(place) is false)
        {
            return;
        }
        _line.ResetWrittenCount();
        PublicationLine.Write(publication, _time.GetUtcNow().ToUnixTimeMilliseconds(), _line);
        if (_batch is null)
        {
            var json = _line.WrittenSpan.ToArray();
            _queue.Add(new HandOver(json, [place], IsBatch: false, _options.Key?.Of(json)));
            return;
        }
        _batch.Add(_line.WrittenSpan, place);
        if (_batch.WasCutShort && !_saidCutShort)
        {
            _saidCutShort = true;
            _reporter.WriteNotice($"Batches are handed over early: an argument can hold at most {ChildCommand.MaxArgumentBytes} bytes");
        }
    }

    /// <summary>Nothing to do: children start as soon as they may, batches end by their own limits.</summary>
    public void Flush()
    {
    }

    public Task WaitForRoomAsync(CancellationToken stop) => _queue.WaitForRoomAsync(stop);

    public async Task<Outcome?> EndAsync(CancellationToken giveUp)
    {
        _batch?.Close();
        _batch?.Dispose();
        if (_attempts is { Consumer: var consumer })
        {
            _ending.TrySetResult();
            LeaveForNextStart(consumer);
        }
        if (_queue.WaitingMessages is var waiting and > 0 && !Broken.IsCompleted)
        {
            _reporter.WriteNotice($"Handing over {Messages(waiting)} before exiting; another signal exits immediately");
        }
        await _queue.DrainAsync(giveUp);
        if (_queue.WaitingMessages is var left and > 0)
        {
            _reporter.WriteError($"Not handed over: {Messages(left)}");
        }
        TryKeep(() => _attempts?.Consumer.Save());
        if (_queue.Stopped.IsFaulted)
        {
            // Rethrows the exception of a bug in the queue.
            await _queue.Stopped;
        }
        return _failure;
    }

    private void LeaveForNextStart(DurableConsumer consumer)
    {
        if (_queue.Discard(handOver => handOver.Places.All(consumer.ComesAgain)) is var left and > 0)
        {
            _reporter.WriteNotice($"{Messages(left)} will be handed over after the next start");
        }
    }

    private async Task<bool> RunAsync(HandOver handOver)
    {
        if (_attempts is null)
        {
            Report(await RunOnceAsync(handOver, attempt: null));
        }
        else
        {
            await DeliverAsync(_attempts, handOver);
        }
        return _failure is null;
    }

    private async Task DeliverAsync(ChildAttempts attempts, HandOver handOver)
    {
        try
        {
            await attempts.DeliverAsync(handOver, attempt => RunOnceAsync(handOver, attempt), _ending.Task);
        }
        catch (Exception exception) when (CursorFailure.IsOne(exception))
        {
            // Without a cursor everything would come again for ever: the stream ends.
            Fail(CursorFailure.Of(exception));
        }
    }

    private async Task<ChildTrouble?> RunOnceAsync(HandOver handOver, int? attempt)
    {
        var trouble = await new ChildRunner(_options.Command, _reporter).RunAsync(handOver, attempt);
        if (_options.FailFast && trouble is not null)
        {
            Fail(new Failure(trouble.Text, "Fix the command", "Leave out --fail-fast to continue after a failure"));
        }
        return trouble;
    }

    private void Report(ChildTrouble? trouble)
    {
        if (trouble is null || _failure is not null)
        {
            return;
        }
        if (trouble.Started)
        {
            _reporter.WriteNotice(trouble.Text);
        }
        else
        {
            _reporter.WriteError(trouble.Text);
        }
    }

    private void TryKeep(Action keep)
    {
        try
        {
            keep();
        }
        catch (Exception exception) when (CursorFailure.IsOne(exception))
        {
            Fail(CursorFailure.Of(exception));
        }
    }

    private void Fail(Failure failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _ending.TrySetResult();
        _failed.TrySetResult();
    }

    private static string Messages(int count) =>
        count == 1 ? "1 message" : count.ToString(CultureInfo.InvariantCulture) + " messages";
}
