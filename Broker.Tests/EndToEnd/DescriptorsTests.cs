using System.Net;
using System.Net.Sockets;
using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>More sockets than the process may have descriptors, as a stranger can open them. Without a cap the runtime itself ends the process.</summary>
internal sealed class DescriptorsTests
{
    private const int Limit = 256;

    [TestCase("", TestName = "Silent_sockets_beyond_the_limit_of_descriptors_do_not_end_the_broker")]
    [TestCase("GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\n", TestName = "Half_upgrade_requests_beyond_the_limit_of_descriptors_do_not_end_the_broker")]
    [TestCase("POST /auth/init HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{", TestName = "Half_bodies_beyond_the_limit_of_descriptors_do_not_end_the_broker")]
    public async Task Sockets_beyond_the_limit_of_descriptors_do_not_end_the_broker(string beginning)
    {
        using var folder = new TemporaryFolder();
        await using var broker = BrokerProgram.StartWithDescriptors(folder.Path, Limit);
        var url = await broker.ReadUrlAsync();

        await FloodAsync(url, beginning, sockets: 2 * Limit, rounds: 3);

        // The clients' ends are closed; the broker's places come back.
        await Eventually.IsTrueAsync(async () => broker.HasExited || await ConnectsAsync(url));
        Assert.That(broker.HasExited, Is.False);
    }

    [Test]
    [Category("Slow")]
    public async Task A_minute_of_sockets_beyond_the_limit_of_descriptors_does_not_end_the_broker([Values(256, 1024, 4096)] int limit)
    {
        using var folder = new TemporaryFolder();
        await using var broker = BrokerProgram.StartWithDescriptors(folder.Path, limit);
        var url = await broker.ReadUrlAsync();
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(60);

        while (DateTime.UtcNow < end)
        {
            await FloodAsync(url, "", sockets: 2 * limit, rounds: 1);
        }

        await Eventually.IsTrueAsync(async () => broker.HasExited || await ConnectsAsync(url));
        Assert.That(broker.HasExited, Is.False);
    }

    private static async Task FloodAsync(Uri url, string beginning, int sockets, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            var open = new List<Socket>();
            try
            {
                for (var i = 0; i < sockets; i++)
                {
                    open.Add(await OpenAsync(url, beginning));
                }
            }
            finally
            {
                open.ForEach(socket => socket.Dispose());
            }
        }
    }

    private static async Task<Socket> OpenAsync(Uri url, string beginning)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, url.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(beginning));
        }
        catch (SocketException)
        {
            // The broker has closed it: that is its right.
        }

        return socket;
    }

    private static async Task<bool> ConnectsAsync(Uri url)
    {
        try
        {
            using var client = await OpenAsync(url, RunningWebSocket.UpgradeRequest(url));
            var answer = new byte[1024];
            var length = await client.ReceiveAsync(answer).WaitAsync(RunningBroker.Patience);
            return Encoding.ASCII.GetString(answer, 0, length).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
