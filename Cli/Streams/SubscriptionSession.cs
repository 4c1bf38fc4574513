using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using ClawEvents.Cli.Http;

namespace ClawEvents.Cli.Streams;

/// <summary>One connection: connects, subscribes and hands publications to the sink until it ends.</summary>
/// <remarks>One task reads and handles; only late commands and the goodbye are sent beside it. Used once.</remarks>
internal sealed partial class SubscriptionSession : IDisposable
{
    private const uint ConnectId = 1;

    // Half of what Centrifugo accepts as one message.
    private const int MaxFrameBytes = 32 * 1024;

    // Also the time for the handshake and for the connect reply: what a ping may be late by (centrifuge SDKs: 10 s).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ConnectFault OtherProtocol = new("the server sent an invalid message", "Check the server's address: claw.events config");

    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    private readonly SubscriptionSet _subscriptions;
    private readonly StreamToken _token;
    private readonly IPublicationSink _sink;
    private readonly StreamReporter _reporter;
    private readonly Action _connected;
    private readonly TimeProvider _time;
    private readonly CertificateTrust _trust;
    private readonly MessageSocket _socket;
    // Two timers: the one that ends a silent connection is reset all the time, the one that ends a slow goodbye is set once.
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _tooLate = new();
    private readonly CancellationTokenSource _abort;
    private readonly List<byte[]> _outgoing = [];
    private TimeSpan _silenceLimit = Patience;
    private Task _goodbye = Task.CompletedTask;

    /// <param name="subscriptions">Channels to subscribe to; refused ones are removed, positions in histories are updated.</param>
    /// <param name="token">Read once for the connect, and again before it expires.</param>
    /// <param name="trust">Judges the server's certificate.</param>
    /// <param name="connected">Called when the server has accepted the connection.</param>
    /// <param name="time">For time limits and for commands that are sent later.</param>
    public SubscriptionSession(
        SubscriptionSet subscriptions,
        StreamToken token,
        IPublicationSink sink,
        StreamReporter reporter,
        CertificateTrust trust,
        Action connected,
        TimeProvider time)
    {
        _trust = trust;
        _socket = new MessageSocket(trust);
        (_subscriptions, _token, _sink, _reporter, _connected, _time) = (subscriptions, token, sink, reporter, connected, time);
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _abort = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, _tooLate.Token);
    }

    /// <summary>Runs until the connection ends; errors are part of the result.</summary>
    /// <param name="address">ws or wss.</param>
    /// <param name="stop">Ends it with a goodbye.</param>
    public async Task<StreamEnd> RunAsync(Uri address, CancellationToken stop)
    {
        var stopping = stop.Register(() => _goodbye = LeaveAsync());
        try
        {
            var end = await ConnectAndReadAsync(address);
            // The connection may have ended in the middle of a burst, which is flushed only after it.
            _sink.Flush();
            return stop.IsCancellationRequested ? new StreamEnd(StreamEndKind.Stopped, "")
                : _loginCame ? new StreamEnd(StreamEndKind.NewLogin, "")
                : end;
        }
        finally
        {
            // Returns only when no goodbye can start any more.
            await stopping.DisposeAsync();
            await EndAsync();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _abort.Dispose();
        _silence.Dispose();
        _tooLate.Dispose();
    }

    private async Task<StreamEnd> ConnectAndReadAsync(Uri address)
    {
        try
        {
            _silence.CancelAfter(Patience);
            await _socket.ConnectAsync(address, _abort.Token);
            await _socket.SendAsync(ClientCommands.Connect(ConnectId, _token.Read()), _abort.Token);
            // From here on each wait sets its own limit; a burst without a wait must not reach the handshake's.
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            return await ReadAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or HttpRequestException)
        {
            return EndOf(_socket.RefusedWith is { } status ? ConnectFault.OfHandshake(status) : ConnectFault.Of(exception, address.Host, _trust));
        }
        catch (JsonException)
        {
            return EndOf(OtherProtocol);
        }
        catch (OperationCanceledException)
        {
            return Lost(IsAnswerOverdue ? OverdueAnswer() : $"nothing received for {_silenceLimit.TotalSeconds:0} s");
        }
    }

    private async Task<StreamEnd> ReadAsync()
    {
        while (await ReceiveAsync() is { } message)
        {
            HandleLines(message.Span);
            if (CurrentEnd() is { } end)
            {
                return end;
            }
            if (_outgoing.Count > 0)
            {
                await SendOutgoingAsync();
            }
        }
        if (DisconnectCode.LosesPositions(_socket.CloseCode))
        {
            _subscriptions.ForgetPositions();
        }
        return new StreamEnd(
            DisconnectCode.EndOfClose(_socket.CloseCode), DisconnectCode.Describe(_socket.CloseReason, _socket.CloseCode));
    }

    private StreamEnd? CurrentEnd()
    {
        if (_end is null && _sink.IsFull)
        {
            // Reading on would need unlimited memory; without reading, the server would disconnect the client at its own
            // limit. A client that disconnects by itself knows its position.
            return new StreamEnd(StreamEndKind.Behind, "");
        }
        return _end is null && IsAnswerOverdue ? Lost(OverdueAnswer()) : _end;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        var receive = _socket.ReceiveAsync(_abort.Token);
        if (receive.IsCompleted)
        {
            // A burst: more has arrived already, so neither the flush nor the clock is due.
            return await receive;
        }
        _sink.Flush();
        _silence.CancelAfter(LongestSilence());
        var message = await receive;
        _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        return message;
    }

    private static StreamEnd Lost(string reason) => new(StreamEndKind.Lost, reason);

    private static StreamEnd EndOf(ConnectFault fault) =>
        fault.IsPermanent ? new StreamEnd(StreamEndKind.Unusable, fault.Reason, fault.Fixes) : Lost(fault.Reason);

    private async Task SendOutgoingAsync()
    {
        var frame = new ArrayBufferWriter<byte>();
        foreach (var command in _outgoing)
        {
            if (frame.WrittenCount > 0 && frame.WrittenCount + command.Length >= MaxFrameBytes)
            {
                await _socket.SendAsync(frame.WrittenMemory, _abort.Token);
                frame = new ArrayBufferWriter<byte>();
            }
            if (frame.WrittenCount > 0)
            {
                frame.Write("\n"u8);
            }
            frame.Write(command);
        }
        _outgoing.Clear();
        await _socket.SendAsync(frame.WrittenMemory, _abort.Token);
    }

    private async Task LeaveAsync()
    {
        await SayGoodbyeAsync();
        // The server answers with its own close; the read loop ends on that, or on this.
        _tooLate.CancelAfter(_socket.IsOpen ? GoodbyeTime : TimeSpan.Zero);
    }

    private async Task EndAsync()
    {
        await _goodbye;
        await SayGoodbyeAsync();
        await _abort.CancelAsync();
        await Task.WhenAll(_late);
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            using var time = new CancellationTokenSource(GoodbyeTime);
            await _socket.CloseOutputAsync(time.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            _reporter.WriteDetail($"The connection was gone already: {exception.Message}");
        }
    }
}
