using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using ClawEvents.Cli.Http;

namespace ClawEvents.Cli.Streams;

/// <summary>Sends and receives whole messages over a WebSocket.</summary>
/// <remarks>One reader at a time; senders may overlap. The received message lives in one reused buffer until the next receive.</remarks>
internal sealed class MessageSocket : IDisposable
{
    private const int FirstBufferBytes = 64 * 1024;

    // Far above the largest publication any server allows; a broken peer must not fill the memory.
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sendGate = new(1, 1);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);

    /// <param name="trust">Judges the server's certificate.</param>
    public MessageSocket(CertificateTrust trust)
    {
        _socket.Options.RemoteCertificateValidationCallback = trust.Accepts;
        _socket.Options.CollectHttpResponseDetails = true;
        // The protocol has pings of its own.
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    /// <summary>The close code of the server, once a receive has returned null; 1006 if the connection ended without one.</summary>
    public int CloseCode => (int?)_socket.CloseStatus ?? 1006;

    /// <summary>The status of an answer to the handshake that is not a WebSocket; null if there was none.</summary>
    public HttpStatusCode? RefusedWith => _socket.HttpStatusCode is 0 or HttpStatusCode.SwitchingProtocols ? null : _socket.HttpStatusCode;

    /// <summary>Whether messages of the server can still arrive.</summary>
    public bool IsOpen => _socket.State is WebSocketState.Open or WebSocketState.CloseSent;

    public string? CloseReason => _socket.CloseStatusDescription;

    public Task ConnectAsync(Uri address, CancellationToken cancellation) => _socket.ConnectAsync(address, cancellation);

    /// <summary>The next message, or null if the server closed the connection.</summary>
    /// <param name="cancellation">Aborts the connection.</param>
    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellation)
    {
        var filled = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(filled), cancellation);
            if (received.MessageType is WebSocketMessageType.Close)
            {
                return null;
            }
            filled += received.Count;
            if (received.EndOfMessage)
            {
                return _buffer.AsMemory(0, filled);
            }
            if (filled == _buffer.Length)
            {
                Grow();
            }
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await _sendGate.WaitAsync(cancellation);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        finally
        {
            _sendGate.Release();
        }
    }

    /// <summary>Sends a close frame, either first or in answer to the server's.</summary>
    public async Task CloseOutputAsync(CancellationToken cancellation)
    {
        await _sendGate.WaitAsync(cancellation);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
            }
        }
        finally
        {
            _sendGate.Release();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sendGate.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Grow()
    {
        if (_buffer.Length >= MaxMessageBytes)
        {
            throw new WebSocketException($"the server sent a message of more than {MaxMessageBytes} bytes");
        }
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
