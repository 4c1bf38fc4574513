using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Http;

/// <summary>The network that a client comes from, for limits that count by address: an IPv4 address, or the /64 of an IPv6 address.</summary>
/// <remarks>A home or a server usually has a whole /64, and could use a new address of it for every request.</remarks>
/// <param name="Bits">IPv6 without its last 64 bits; IPv4 as mapped to IPv6; 0: unknown.</param>
internal readonly record struct ClientNetwork(UInt128 Bits)
{
    private const int NetworkBits = 64;

    public static ClientNetwork Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    /// <param name="address">Null: unknown, as of a test server; such clients share one network.</param>
    public static ClientNetwork Of(IPAddress? address)
    {
        if (address is null)
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[16];
        var mapped = address.AddressFamily is AddressFamily.InterNetwork ? address.MapToIPv6() : address;
        mapped.TryWriteBytes(bytes, out _);
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new(mapped.IsIPv4MappedToIPv6 ? bits : bits >> NetworkBits << NetworkBits);
    }
}
