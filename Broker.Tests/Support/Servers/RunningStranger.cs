using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A port of the loopback that answers the first bytes of every connection with the same text, and then closes it.</summary>
internal sealed class RunningStranger : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;

    public RunningStranger(string answer)
    {
        _answer = Encoding.ASCII.GetBytes(answer);
        _listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>Host and port.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    public void Dispose() => _listener.Dispose();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await client.GetStream().ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false);
                await client.GetStream().WriteAsync(_answer);
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over, or the client has left.
        }
    }
}
