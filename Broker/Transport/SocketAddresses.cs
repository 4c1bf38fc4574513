using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Transport;

/// <summary>Reads and writes the addresses of system calls (<c>struct sockaddr</c>).</summary>
internal static unsafe class SocketAddresses
{
    // socket(2), on Linux.
    private const ushort Unix = 1;
    private const ushort IPv4 = 2;
    private const ushort IPv6 = 10;

    // Of the longest one, struct sockaddr_un.
    private const int MaxBytes = 110;

    /// <summary>The address family of an end point, as <c>socket</c> takes it.</summary>
    public static int FamilyOf(EndPoint endPoint) => endPoint.AddressFamily switch
    {
        AddressFamily.InterNetwork => IPv4,
        AddressFamily.InterNetworkV6 => IPv6,
        AddressFamily.Unix => Unix,
        _ => throw new NotSupportedException($"{endPoint}: a reactor listens on IP addresses and Unix sockets"),
    };

    /// <returns>Null when it is no address of IP.</returns>
    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        var family = address.Length < 2 ? (ushort)0 : BitConverter.ToUInt16(address);
        return family switch
        {
            IPv4 when address.Length >= 8 => new(new IPAddress(address.Slice(4, 4)), PortOf(address)),
            IPv6 when address.Length >= 28 => new(new IPAddress(address.Slice(8, 16), BitConverter.ToUInt32(address[24..])), PortOf(address)),
            _ => null,
        };
    }

    /// <summary>Binds a socket. Returns what the call returns.</summary>
    public static int Bind(int descriptor, EndPoint endPoint)
    {
        var address = endPoint.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            return Native.Bind(descriptor, bytes, address.Size);
        }
    }

    /// <summary>The port to which the system has bound a socket.</summary>
    public static int PortOf(int descriptor)
    {
        var address = stackalloc byte[MaxBytes];
        var length = MaxBytes;
        return Native.GetSocketName(descriptor, address, &length) < 0
            ? throw Native.LastError.ToException("getsockname")
            : PortOf(new ReadOnlySpan<byte>(address, length));
    }

    private static int PortOf(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
}
