using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClawEvents.Broker.Benchmarks.Cluster;

/// <summary>A subscriber that counts publications and costs as little as it can.</summary>
internal sealed class NodeSubscriber : IDisposable
{
    // The masking key is zero, so the payload lies there as it is.
    private static readonly byte[] Pong = [0x81, 0x82, 0, 0, 0, 0, (byte)'{', (byte)'}'];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    public static async Task<NodeSubscriber> ConnectAsync(int port, string channel)
    {
        var subscriber = new NodeSubscriber();
        await subscriber._socket.ConnectAsync(IPAddress.Loopback, port);
        await subscriber._socket.SendAsync(Encoding.ASCII.GetBytes(
            "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        await subscriber._socket.SendAsync(Frame("{\"id\":1,\"connect\":{}}"));
        await subscriber._socket.SendAsync(Frame($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"}}}}"));
        while (subscriber._buffer.AsSpan(0, subscriber._length).IndexOf("\"subscribe\":{}"u8) < 0)
        {
            await subscriber.ReceiveAsync();
        }

        subscriber._length = 0;
        return subscriber;
    }

    /// <summary>Reads until so many more publications have come.</summary>
    /// <param name="publications">How many.</param>
    /// <param name="progress">Is told how many have come so far.</param>
    public async Task ReadAsync(int publications, Action<int>? progress = null)
    {
        for (var count = 0; count < publications; progress?.Invoke(count))
        {
            await ReceiveAsync();
            var (taken, found, pings) = Count();
            count += found;
            _buffer.AsSpan(taken, _length - taken).CopyTo(_buffer);
            _length -= taken;
            for (; pings > 0; pings--)
            {
                await _socket.SendAsync(Pong);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Frame(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];

    // Frames here are short: their length is in the second byte.
    private (int Taken, int Publications, int Pings) Count()
    {
        var (taken, publications, pings) = (0, 0, 0);
        while (taken + 2 <= _length && taken + 2 + _buffer[taken + 1] <= _length)
        {
            if (_buffer[taken + 1] > 2)
            {
                publications++;
            }
            else
            {
                pings++;
            }

            taken += 2 + _buffer[taken + 1];
        }

        return (taken, publications, pings);
    }

    private async Task ReceiveAsync()
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
        _length += received > 0 ? received : throw new InvalidDataException("the node has closed the connection");
    }
}
