using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClawEvents.Broker.Benchmarks.Cluster;

/// <summary>A back end that publishes through the server API over one connection, one request after another.</summary>
internal sealed class NodePublisher : IDisposable
{
    public const string Key = "bench";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[64 * 1024];

    public static async Task<NodePublisher> ConnectAsync(int port)
    {
        var publisher = new NodePublisher();
        await publisher._socket.ConnectAsync(IPAddress.Loopback, port);
        return publisher;
    }

    /// <summary>A whole request with so many small publications in one batch.</summary>
    public static byte[] BodyOf(int publications)
    {
        const string Publish = """{"publish":{"channel":"public.bench","data":{"n":1}}}""";
        var body = $$"""{"parallel":true,"commands":[{{string.Join(',', Enumerable.Repeat(Publish, publications))}}]}""";
        return Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"POST /api/batch HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {Key}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    /// <summary>Sends the request and takes the whole answer to it.</summary>
    public async Task PublishAsync(byte[] request)
    {
        await _socket.SendAsync(request);
        var length = 0;
        while (!IsWhole(_answer.AsSpan(0, length)))
        {
            var received = await _socket.ReceiveAsync(_answer.AsMemory(length));
            length += received > 0 ? received : throw new InvalidDataException("the node has closed the connection");
        }

        if (!_answer.AsSpan(0, length).StartsWith("HTTP/1.1 200 "u8) || _answer.AsSpan(0, length).IndexOf("\"error\""u8) >= 0)
        {
            throw new InvalidDataException(Encoding.ASCII.GetString(_answer, 0, length));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = Encoding.ASCII.GetString(answer[..end]);
        var line = head.Split("\r\n").Single(one => one.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return answer.Length >= end + 4 + int.Parse(line.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture);
    }
}
