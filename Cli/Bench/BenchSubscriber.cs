using System.Diagnostics;
using System.Text.Json;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Bench;

/// <summary>Listens to the channel and checks what arrives.</summary>
/// <param name="run">The run whose messages count; null: those of any.</param>
internal sealed class BenchSubscriber(BenchOptions options, string name, uint? run) : IDisposable
{
    private const uint SubscribeId = 2;

    private MessageSocket? _socket;
    private long _arrivedAt = Stopwatch.GetTimestamp();

    public ClientMeter Meter { get; } = new(name);

    public ArrivalCheck Arrivals { get; } = new();

    /// <summary>Why it ended before the benchmark did; null if it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Time since the last message.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _arrivedAt));

    /// <exception cref="BenchFailedException">It cannot.</exception>
    public async Task SubscribeAsync(CancellationToken stop)
    {
        _socket = await BenchConnection.OpenAsync(options.WebSocket, options.Trust, options.Token, stop);
        await BenchConnection.AskAsync(_socket, ClientCommands.Subscribe(SubscribeId, options.Channel, position: null), ServerMessageKind.SubscribeReply, $"subscribe to {options.Channel}", stop);
    }

    /// <summary>Listens until it is stopped, or has the wanted number of messages.</summary>
    /// <param name="wanted">0: any number.</param>
    public async Task ListenAsync(long wanted, CancellationToken stop)
    {
        try
        {
            while (wanted == 0 || Meter.Messages < wanted)
            {
                var lines = await BenchConnection.ReceiveAsync(_socket!, stop);
                if (Read(lines.Span))
                {
                    await _socket!.SendAsync(ClientCommands.Pong, stop);
                }
            }
        }
        catch (Exception exception) when (exception is BenchFailedException or JsonException)
        {
            Failure = exception.Message;
        }
        catch (OperationCanceledException)
        {
            // The benchmark is over.
        }
    }

    public void Dispose() => _socket?.Dispose();

    // Returns whether there was a ping.
    private bool Read(ReadOnlySpan<byte> lines)
    {
        var now = BenchPayload.Now();
        var pinged = false;
        foreach (var part in lines.Split((byte)'\n'))
        {
            var line = lines[part];
            if (line.IsEmpty)
            {
                continue;
            }
            var message = ServerMessageReader.Read(line);
            pinged |= message.Kind is ServerMessageKind.Ping;
            if (message.Kind is ServerMessageKind.Publication && BenchPayload.TryRead(message.Publication.Envelope.Payload, out var mark) && (run is null || mark.Run == run) && Arrivals.Add(mark))
            {
                Meter.Add(message.Publication.Envelope.Payload.Length, now - mark.SentAt);
                Volatile.Write(ref _arrivedAt, Stopwatch.GetTimestamp());
            }
        }
        return pinged;
    }
}
