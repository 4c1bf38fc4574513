using System.Diagnostics;

namespace ClawEvents.Cli.Bench;


/// <summary>A way to publish: over a WebSocket, or through the server API.</summary>
internal interface IBenchDoor : IDisposable
{
    /// <exception cref="BenchFailedException">The server cannot be reached, or refuses.</exception>
    Task OpenAsync(CancellationToken stop);

    /// <summary>Publishes one message and completes with the server's reply. At most <see cref="BenchOptions.InFlight"/> are under way.</summary>
    /// <exception cref="BenchFailedException">The connection has ended.</exception>
    Task<string?> PublishAsync(ReadOnlyMemory<byte> data, CancellationToken stop);
}

/// <summary>Publishes messages with numbers in turn, so that no more than some of them wait for a reply.</summary>
internal sealed class BenchPublisher(BenchOptions options, int index, uint run, IBenchDoor door) : IDisposable
{
    private readonly SemaphoreSlim _room = new(options.InFlight, options.InFlight);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _refusals = [];
    private string? _failure;

    public ClientMeter Meter { get; } = new($"pub-{index + 1}");

    /// <summary>Messages that were sent, also refused ones.</summary>
    public long Sent { get; private set; }

    /// <summary>Refused messages by reason.</summary>
    public IReadOnlyDictionary<string, long> Refusals => _refusals;

    /// <summary>Why it ended before its time; null if it did not.</summary>
    public string? Failure => _failure;

    public Task OpenAsync(CancellationToken stop) => door.OpenAsync(stop);

    /// <summary>Publishes until the count or the time is reached, or until it is stopped, and waits for all replies.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Meter.Begin();
        var begin = Stopwatch.GetTimestamp();
        try
        {
            while (_failure is null && !IsOver(begin))
            {
                await PaceAsync(begin, stop);
                await _room.WaitAsync(stop);
                _ = PublishAsync(BenchPayload.Write(new(run, index, Sent++, BenchPayload.Now()), options.Size), stop);
            }
        }
        catch (OperationCanceledException)
        {
            // What is under way still counts.
        }
        await AwaitRepliesAsync();
    }

    public void Dispose()
    {
        door.Dispose();
        _room.Dispose();
    }

    private bool IsOver(long begin) => options.Count > 0 ? Sent >= options.Count : Stopwatch.GetElapsedTime(begin) >= options.Duration;

    private async ValueTask PaceAsync(long begin, CancellationToken stop)
    {
        if (options.Rate > 0 && TimeSpan.FromSeconds((double)Sent / options.Rate) - Stopwatch.GetElapsedTime(begin) is var ahead && ahead > TimeSpan.Zero)
        {
            await Task.Delay(ahead, stop);
        }
    }

    private async Task PublishAsync(byte[] data, CancellationToken stop)
    {
        try
        {
            var sentAt = BenchPayload.Now();
            Count(await door.PublishAsync(data, stop), data.Length, BenchPayload.Now() - sentAt);
        }
        catch (BenchFailedException exception)
        {
            _failure = exception.Message;
        }
        catch (OperationCanceledException)
        {
            // Stopped by the user: nobody knows whether it was published.
        }
        finally
        {
            _room.Release();
        }
    }

    private void Count(string? refusal, int bytes, long micros)
    {
        lock (_gate)
        {
            if (refusal is null)
            {
                Meter.Add(bytes, micros);
            }
            else
            {
                _refusals[refusal] = _refusals.GetValueOrDefault(refusal) + 1;
            }
        }
    }

    private async Task AwaitRepliesAsync()
    {
        for (var i = 0; i < options.InFlight; i++)
        {
            if (!await _room.WaitAsync(options.Quiet))
            {
                _failure ??= "Some replies have not come";
                return;
            }
        }
    }
}
