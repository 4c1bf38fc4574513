using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>One of very many subscribers: it checks that numbered publications come in order, and keeps nothing else of them.</summary>
/// <remarks>A publication's data is <c>{"n":N}</c>, counted from 0. Small on purpose: thousands live in one process.</remarks>
internal sealed class RunningListener : IDisposable
{
    // The masking key is zero, so the payload lies there as it is.
    private static readonly byte[] Pong = [0x81, 0x82, 0, 0, 0, 0, (byte)'{', (byte)'}'];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>The number of publications that have arrived, in order from 0.</summary>
    public int Received { get; private set; }

    /// <summary>Connects and subscribes: upgrade and both commands leave in one write.</summary>
    public async Task SubscribeAsync(IPEndPoint broker, string channel)
    {
        await _socket.ConnectAsync(broker);
        await _socket.SendAsync(Hello(channel));
        while (!Contains("\"subscribe\":{}"u8))
        {
            await ReceiveAsync();
        }

        _length = 0;
    }

    /// <summary>Reads until that many publications have arrived.</summary>
    /// <exception cref="InvalidDataException">One came out of order, twice, or not at all.</exception>
    public async Task ReceiveAllAsync(int publications)
    {
        while (Received < publications)
        {
            await ReceiveAsync();
            var rest = _buffer.AsMemory(0, _length);
            while (TryTakeFrame(ref rest, out var payload))
            {
                await HandleAsync(payload);
            }

            rest.CopyTo(_buffer);
            _length = rest.Length;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Hello(string channel) =>
    [
        .. Encoding.ASCII.GetBytes(
            "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
        .. Frame("{\"id\":1,\"connect\":{}}"),
        .. Frame($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"}}}}"),
    ];

    private static byte[] Frame(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];

    private static bool TryTakeFrame(ref Memory<byte> bytes, out Memory<byte> payload)
    {
        payload = default;
        var span = bytes.Span;
        if (span.Length < 2 || (span[1] == 126 && span.Length < 4))
        {
            return false;
        }

        var header = span[1] == 126 ? 4 : 2;
        var length = span[1] == 126 ? (span[2] << 8) | span[3] : span[1];
        if (bytes.Length < header + length)
        {
            return false;
        }

        payload = bytes.Slice(header, length);
        bytes = bytes[(header + length)..];
        return true;
    }

    private async ValueTask HandleAsync(Memory<byte> payload)
    {
        var number = payload.Span.IndexOf("\"n\":"u8);
        if (number < 0)
        {
            await _socket.SendAsync(Pong);
            return;
        }

        if (!Utf8Parser.TryParse(payload.Span[(number + 4)..], out int value, out _) || value != Received)
        {
            throw new InvalidDataException($"publication {value} came where {Received} was due");
        }

        Received++;
    }

    private bool Contains(ReadOnlySpan<byte> text) => _buffer.AsSpan(0, _length).IndexOf(text) >= 0;

    private async Task ReceiveAsync()
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
        _length += received > 0 ? received : throw new InvalidDataException($"the connection ended after {Received} publications");
    }
}
