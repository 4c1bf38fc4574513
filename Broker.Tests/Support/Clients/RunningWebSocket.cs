using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A client that speaks WebSocket by hand: it sends any bytes, and returns every frame that it receives.</summary>
/// <remarks>Every read has a bound, <see cref="RunningBroker.Patience"/>. One reader and one writer at a time.</remarks>
internal sealed class RunningWebSocket : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly Queue<string> _messages = new();
    private byte[] _bytes = new byte[16 * 1024];
    private int _start;
    private int _end;

    private RunningWebSocket(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <inheritdoc cref="RunningBroker.OpenAsync"/>
    public static async Task<RunningWebSocket> OpenAsync(Uri url, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(IPAddress.Loopback, url.Port).WaitAsync(RunningBroker.Patience);
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new(socket, url.Scheme == Uri.UriSchemeHttps ? await SecureAsync(stream) : stream);
    }

    /// <summary>The head of a right upgrade request.</summary>
    /// <param name="headers">More header lines, each with its CR LF.</param>
    public static string UpgradeRequest(Uri url, string headers = "") =>
        $"GET {(url.AbsolutePath is "/" ? "/connection/websocket" : url.AbsolutePath)} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n";

    /// <summary>Sends an upgrade request and reads the answer, which must be a 101.</summary>
    public async Task UpgradeAsync(Uri url)
    {
        await SendAsync(UpgradeRequest(url));
        Assert.That(await ReadHeadAsync(), Does.StartWith("HTTP/1.1 101 "));
    }

    public Task SendAsync(string ascii) => SendAsync(Encoding.ASCII.GetBytes(ascii));

    public Task SendAsync(params byte[][] pieces) => _stream.WriteAsync(pieces.SelectMany(piece => piece).ToArray()).AsTask().WaitAsync(RunningBroker.Patience);

    /// <summary>Sends one message in one masked text frame.</summary>
    public Task SendTextAsync(string message) => SendAsync(RunningFrame.Text(message));

    /// <summary>Sends a command and returns the next message, which is its reply unless pushes are in flight.</summary>
    public async Task<string> AskAsync(string command)
    {
        await SendTextAsync(command);
        return await ReadMessageAsync();
    }

    public async Task SubscribeAsync(string channel, int id = 2) =>
        Assert.That(await AskAsync($$$"""{"id":{{{id}}},"subscribe":{"channel":"{{{channel}}}"}}"""), Is.EqualTo($$$"""{"id":{{{id}}},"subscribe":{}}"""));

    /// <summary>The next message of the client protocol. Server pings are answered and skipped.</summary>
    public async Task<string> ReadMessageAsync()
    {
        while (_messages.Count == 0)
        {
            var frame = await ReadFrameAsync();
            Assert.That(frame?.First, Is.EqualTo(RunningFrame.FinalText), frame is { First: RunningFrame.Close } ? frame.PayloadText : "No text frame.");
            foreach (var message in frame!.PayloadText.Split('\n'))
            {
                if (message == "{}")
                {
                    await SendTextAsync("{}");
                }
                else
                {
                    _messages.Enqueue(message);
                }
            }
        }

        return _messages.Dequeue();
    }

    /// <summary>The data of the next push, which must be a publication, as its raw JSON text. Replies before it are skipped: a client's own publication has no order with its reply.</summary>
    public async Task<string> ReadPublicationAsync()
    {
        var message = await ReadMessageAsync();
        while (message.StartsWith("{\"id\":", StringComparison.Ordinal))
        {
            message = await ReadMessageAsync();
        }

        using var json = JsonDocument.Parse(message);
        return json.RootElement.GetProperty("push").GetProperty("pub").GetProperty("data").GetRawText();
    }

    /// <summary>Skips everything up to the close frame.</summary>
    public async Task<(int Code, string Reason)> ReadCloseAsync()
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.First == RunningFrame.Close)
            {
                return (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload), Encoding.UTF8.GetString(frame.Payload.AsSpan(2)));
            }
        }

        throw new AssertionException("The stream ended without a close frame.");
    }

    /// <returns>Null at the end of the stream.</returns>
    public async Task<RunningFrame?> ReadFrameAsync()
    {
        if (!await FillAsync(2))
        {
            return null;
        }

        Assert.That(_bytes[_start + 1] & 0x80, Is.Zero, "A server must not mask.");
        var extended = _bytes[_start + 1] switch { 126 => sizeof(ushort), 127 => sizeof(long), _ => 0 };
        if (!await FillAsync(2 + extended))
        {
            return null;
        }

        var length = extended switch
        {
            sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(_start + 2)),
            sizeof(long) => (int)BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(_start + 2)),
            _ => _bytes[_start + 1],
        };
        return await FillAsync(2 + extended + length) ? new(Take(2 + extended)[0], 2 + extended, Take(length)) : null;
    }

    /// <summary>The head of an HTTP response, with its empty line.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var length = 0;
        while (!_bytes.AsSpan(_start, length).EndsWith("\r\n\r\n"u8))
        {
            Assert.That(await FillAsync(++length), Is.True, "The stream ended within the head.");
        }

        return Encoding.ASCII.GetString(Take(length));
    }

    public async Task<string> ReadAsciiAsync(int length) =>
        await FillAsync(length) ? Encoding.ASCII.GetString(Take(length)) : throw new AssertionException("The stream ended.");

    /// <summary>All that still comes, up to the end of the stream.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        while (await FillAsync(_end - _start + 1))
        {
        }

        return Take(_end - _start);
    }

    /// <summary>Aborts the transport: the broker's next read or write fails.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<Stream> SecureAsync(NetworkStream stream)
    {
#pragma warning disable CA5359 // The test made the certificate itself.
        var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secure.AuthenticateAsClientAsync("localhost").WaitAsync(RunningBroker.Patience);
        return secure;
    }

    private byte[] Take(int count)
    {
        _start += count;
        return _bytes.AsSpan(_start - count, count).ToArray();
    }

    // False when the stream ends before there are as many bytes.
    private async Task<bool> FillAsync(int count)
    {
        while (_end - _start < count)
        {
            if (_bytes.Length - _start < Math.Max(count, 1024))
            {
                var larger = new byte[Math.Max(_bytes.Length, count * 2)];
                _bytes.AsSpan(_start, _end - _start).CopyTo(larger);
                (_bytes, _end, _start) = (larger, _end - _start, 0);
            }

            var read = await ReadAsync(_bytes.AsMemory(_end));
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private async Task<int> ReadAsync(Memory<byte> room)
    {
        try
        {
            return await _stream.ReadAsync(room).AsTask().WaitAsync(RunningBroker.Patience);
        }
        catch (IOException)
        {
            // The broker has aborted the transport, which is an end as well.
            return 0;
        }
    }
}
