using System.Buffers;
using System.Globalization;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>Hands publications to child processes: one each, or in batches.</summary>
internal sealed class ChildSink : IPublicationSink
{
    private readonly ChildOptions _options;
    private readonly StreamReporter _reporter;
    private readonly TimeProvider _time;
    private readonly ChildQueue _queue;
    private readonly EventBatch? _batch;
    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _saidCutShort;
    private ChildTrouble? _failure;

    public ChildSink(ChildOptions options, StreamReporter reporter, TimeProvider time)
    {
        (_options, _reporter, _time) = (options, reporter, time);
        _queue = new ChildQueue(options.MaxParallel, ChildOptions.MaxQueuedBytes, RunAsync);
        _batch = options.Batch is { } limits
            ? new EventBatch(limits, ChildCommand.MaxArgumentBytes, time, _queue.Add)
            : null;
    }

    public bool IsFull => _queue.IsFull;

    public string Lag => $"The commands are {ChildOptions.MaxQueuedBytes / (1024 * 1024)} MiB of messages behind";

    public Task Broken => _queue.Stopped;

    /// <summary>Nothing to do: only publications start children.</summary>
    public void Begin(Subscription subscription)
    {
    }

    /// <summary>Nothing to do: a person reads of it on stderr.</summary>
    public void WriteGap(Gap gap)
    {
    }

    public void Write(Subscription subscription, in Publication publication)
    {
        _line.ResetWrittenCount();
        PublicationLine.Write(publication, _time.GetUtcNow().ToUnixTimeMilliseconds(), _line);
        if (_batch is null)
        {
            _queue.Add(new HandOver(_line.WrittenSpan.ToArray(), Count: 1, IsBatch: false));
            return;
        }
        _batch.Add(_line.WrittenSpan);
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
        if (_queue.WaitingMessages is var waiting and > 0 && !Broken.IsCompleted)
        {
            _reporter.WriteNotice($"Handing over {Messages(waiting)} before exiting; another signal exits immediately");
        }
        await _queue.DrainAsync(giveUp);
        if (_queue.WaitingMessages is var left and > 0)
        {
            _reporter.WriteError($"Not handed over: {Messages(left)}");
        }
        if (!Broken.IsCompleted)
        {
            return null;
        }
        // Rethrows the exception of a bug in the queue.
        await Broken;
        return new Failure(_failure!.Text, "Fix the command", "Leave out --fail-fast to continue after a failure");
    }

    private async Task<bool> RunAsync(HandOver handOver)
    {
        if (await new ChildRunner(_options.Command, _reporter).RunAsync(handOver) is not { } trouble)
        {
            return true;
        }
        if (_options.FailFast)
        {
            Interlocked.CompareExchange(ref _failure, trouble, null);
            return false;
        }
        if (trouble.Started)
        {
            _reporter.WriteNotice(trouble.Text);
        }
        else
        {
            _reporter.WriteError(trouble.Text);
        }
        return true;
    }

    private static string Messages(int count) =>
        count == 1 ? "1 message" : count.ToString(CultureInfo.InvariantCulture) + " messages";
}
