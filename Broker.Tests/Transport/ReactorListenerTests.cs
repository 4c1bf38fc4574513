using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Transport;

/// <summary>What listeners on reactors do and Kestrel's own do not.</summary>
[Platform("Linux")]
internal sealed class ReactorListenerTests
{
    [Test]
    [UnsupportedOSPlatform("windows")]
    public async Task A_file_that_a_killed_broker_left_behind_is_replaced_and_has_the_usual_rights()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "socket");
        var usual = Path.Combine(folder.Path, "usual");
        using var other = Listen(usual);
        LeaveBehind(path);
        await using var listeners = new TestListeners(TestTransport.Reactors);

        var listener = await listeners.BindAsync(new UnixDomainSocketEndPoint(path));
        EchoServer.Start(listener);

        Assert.That(await TransportContract.EchoAsync(listener, [1]), Is.EqualTo(new byte[] { 1 }));
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(File.GetUnixFileMode(usual)));
        await listener.UnbindAsync();
    }

    [Test]
    public async Task Segments_over_loopback_are_small_enough_for_the_window_of_a_client_that_has_not_grown_its_buffer()
    {
        await using var listeners = new TestListeners(TestTransport.Reactors);
        var listener = await listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        EchoServer.Start(listener);

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.EndPoint);

        Assert.That(MaxSegmentOf(client), Is.InRange(8 * 1024, 16 * 1024));
        await listener.UnbindAsync();
    }

    // tcp(7): TCP_MAXSEG of IPPROTO_TCP.
    private static int MaxSegmentOf(Socket socket)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption(6, 2, bytes);
        return BitConverter.ToInt32(bytes);
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    // .NET deletes the file of a socket that it disposes of.
    private static void LeaveBehind(string path)
    {
        var moved = $"{path}-moved";
        using (Listen(path))
        {
            File.Move(path, moved);
        }

        File.Move(moved, path);
    }
}
