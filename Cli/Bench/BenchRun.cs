using System.Security.Cryptography;
using ClawEvents.Cli.Http;

namespace ClawEvents.Cli.Bench;

/// <summary>One benchmark: opens all clients, lets them begin together, and waits until the last message has arrived or is given up.</summary>
internal sealed class BenchRun(BenchOptions options) : IDisposable
{
    // More at a time would measure the queue of connects.
    private const int ConnectsAtATime = 32;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly uint _run = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    public IReadOnlyList<BenchPublisher> Publishers { get; private set; } = [];

    public IReadOnlyList<BenchSubscriber> Subscribers { get; private set; } = [];

    /// <summary>Messages that the subscribers should get, as far as it is known.</summary>
    public long Expected => options.Role is BenchRole.Sub
        ? options.Count * Subscribers.Count
        : Publishers.Sum(publisher => publisher.Meter.Messages) * Subscribers.Count;

    /// <param name="stop">Ends it early; what was measured until then counts.</param>
    /// <exception cref="BenchFailedException">A client cannot begin.</exception>
    /// <exception cref="OperationCanceledException">Stopped before the clients were connected.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await OpenAsync(stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var listening = Task.WhenAll(Subscribers.Select(subscriber => Task.Run(() => subscriber.ListenAsync(options.Role is BenchRole.Sub ? options.Count : 0, end.Token))));
        if (options.Role is BenchRole.Sub)
        {
            await Task.WhenAny(listening, Task.Delay(options.Duration, stop));
        }
        else
        {
            await Task.WhenAll(Publishers.Select(publisher => Task.Run(() => publisher.RunAsync(stop))));
            await AwaitArrivalsAsync(stop);
        }
        await end.CancelAsync();
        await listening;
    }

    public void Dispose()
    {
        foreach (var publisher in Publishers)
        {
            publisher.Dispose();
        }
        foreach (var subscriber in Subscribers)
        {
            subscriber.Dispose();
        }
    }

    private async Task OpenAsync(CancellationToken stop)
    {
        Subscribers = options.Role is BenchRole.Pub ? []
            : [.. Enumerable.Range(0, options.Subscribers).Select(index => new BenchSubscriber(options, $"sub-{index + 1}", options.Role is BenchRole.Sub ? null : _run))];
        Publishers = options.Role is BenchRole.Sub ? []
            : [.. Enumerable.Range(0, options.Publishers).Select(index => new BenchPublisher(options, index, _run, DoorOf(index)))];
        var limits = new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtATime, CancellationToken = stop };
        try
        {
            await Parallel.ForEachAsync(Subscribers, limits, async (subscriber, cancellation) => await subscriber.SubscribeAsync(cancellation));
            await Parallel.ForEachAsync(Publishers, limits, async (publisher, cancellation) => await publisher.OpenAsync(cancellation));
        }
        catch (Exception exception) when (exception is System.Net.WebSockets.WebSocketException or IOException)
        {
            throw new BenchFailedException($"Cannot connect to {options.WebSocket}: {ConnectFault.Of(exception, options.WebSocket.Host, options.Trust).Reason}", exception);
        }
    }

    private IBenchDoor DoorOf(int index) => options.Key is not null
        ? new ServerApiDoor(options)
        : new SocketDoor(options, options.PublisherTokens.Count > 0 ? options.PublisherTokens[index] : options.Token);

    // Until everything is there, nobody listens any more, or nothing has come for a while.
    private async Task AwaitArrivalsAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested
            && Subscribers.Sum(subscriber => subscriber.Meter.Messages) < Expected
            && Subscribers.Any(subscriber => subscriber.Failure is null && subscriber.Silence < options.Quiet))
        {
            await Task.Delay(Look, CancellationToken.None);
        }
    }
}
