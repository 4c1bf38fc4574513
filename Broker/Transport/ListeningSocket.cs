using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Transport;

/// <summary>A listening descriptor, which is closed when all that share it have released it. Thread-safe.</summary>
internal sealed class ListeningSocket(int descriptor, int users)
{
    /// <summary>The largest TCP segment, in bytes; only loopback knows larger ones.</summary>
    private const int MaxSegmentBytes = 16 * 1024;

    private int _users = users;

    public int Descriptor { get; } = descriptor;

    public bool IsShared { get; } = users > 1;

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Native.Close(Descriptor);
        }
    }

    /// <summary>Listens on an address: with a socket for each user, between which the kernel distributes connections (<c>SO_REUSEPORT</c>), or with one for all.</summary>
    /// <param name="endPoint">An IP address, or the path of a Unix socket; port 0 selects a free one.</param>
    /// <param name="users">How many want one.</param>
    /// <param name="bound">The same, with the port.</param>
    /// <returns>One for each user.</returns>
    /// <exception cref="Microsoft.AspNetCore.Connections.AddressInUseException">Another process listens there.</exception>
    /// <exception cref="SocketException">The address is not of this machine, or may not be used.</exception>
    public static ListeningSocket[] Bind(EndPoint endPoint, int users, out EndPoint bound)
    {
        // With SO_REUSEPORT alone another broker of the same user could share the port unnoticed.
        RemoveStale(endPoint);
        var probe = Open(endPoint, reusePort: false);
        bound = endPoint is IPEndPoint ip ? new IPEndPoint(ip.Address, SocketAddresses.PortOf(probe)) : endPoint;
        if (users == 1 || endPoint is not IPEndPoint || !CanReusePort())
        {
            return Share(Start(probe, endPoint), users);
        }

        Native.Close(probe);
        return OpenEach(bound, users);
    }

    // A broker that was killed leaves the file of its Unix socket behind, at which nobody listens.
    private static void RemoveStale(EndPoint endPoint)
    {
        // Any other file would refuse the connection, too.
        if (endPoint is not UnixDomainSocketEndPoint || !SocketFile.Exists(endPoint.ToString()!))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            File.Delete(endPoint.ToString()!);
        }
    }

    private static ListeningSocket[] OpenEach(EndPoint endPoint, int users)
    {
        var sockets = new List<ListeningSocket>(users);
        try
        {
            for (var i = 0; i < users; i++)
            {
                sockets.Add(new(Start(Open(endPoint, reusePort: true), endPoint), 1));
            }

            return [.. sockets];
        }
        catch
        {
            sockets.ForEach(socket => socket.Release());
            throw;
        }
    }

    private static ListeningSocket[] Share(int descriptor, int users) => [.. Enumerable.Repeat(new ListeningSocket(descriptor, users), users)];

    private static int Open(EndPoint endPoint, bool reusePort)
    {
        var descriptor = Native.Socket(SocketAddresses.FamilyOf(endPoint), Native.SocketStream | Native.NonBlocking | Native.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Native.LastError.ToException($"socket for {endPoint}");
        }

        SetOptions(descriptor, endPoint, reusePort);
        return SocketAddresses.Bind(descriptor, endPoint) == 0 ? descriptor : throw CloseAndDescribe(descriptor, $"cannot listen on {endPoint}");
    }

    private static void SetOptions(int descriptor, EndPoint endPoint, bool reusePort)
    {
        if (endPoint is not IPEndPoint ip)
        {
            return;
        }

        TrySet(descriptor, Native.SolSocket, Native.SoReuseAddress, 1);

        // Accepted sockets inherit it: what is sent leaves immediately.
        TrySet(descriptor, Native.IpProtoTcp, Native.TcpNoDelay, 1);

        // So is this. Loopback's own segments are of 64 KB, half of a client's first buffer: one that does not fit into the window waits, and a client
        // that has read all of it announces no window below twice the last one, so both wait for the probe after 200 ms, in the middle of a burst.
        TrySet(descriptor, Native.IpProtoTcp, Native.TcpMaxSegment, MaxSegmentBytes);
        if (reusePort)
        {
            TrySet(descriptor, Native.SolSocket, Native.SoReusePort, 1);
        }

        if (ip.AddressFamily is AddressFamily.InterNetworkV6)
        {
            // Every interface means those of IPv4, too.
            TrySet(descriptor, Native.IpProtoIPv6, Native.IPv6Only, ip.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
        }
    }

    private static int Start(int descriptor, EndPoint endPoint)
    {
        // The system lowers it to its own limit (net.core.somaxconn).
        const int backlog = 65535;
        return Native.Listen(descriptor, backlog) == 0 ? descriptor : throw CloseAndDescribe(descriptor, $"cannot listen on {endPoint}");
    }

    // Some kernels and sandboxes have no such option (before Linux 3.9; gVisor in part).
    private static bool CanReusePort()
    {
        var descriptor = Native.Socket(SocketAddresses.FamilyOf(new IPEndPoint(IPAddress.Any, 0)), Native.SocketStream | Native.CloseOnExec, 0);
        var can = TrySet(descriptor, Native.SolSocket, Native.SoReusePort, 1);
        Native.Close(descriptor);
        return can;
    }

    private static unsafe bool TrySet(int descriptor, int level, int name, int value) =>
        Native.SetSocketOption(descriptor, level, name, &value, sizeof(int)) == 0;

    private static Exception CloseAndDescribe(int descriptor, string work)
    {
        var error = Native.LastError;
        Native.Close(descriptor);
        return error.ToException(work);
    }
}
