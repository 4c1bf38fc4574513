using System.Buffers.Binary;
using System.Net;

namespace ClawEvents.Broker.Limits;

/// <summary>The address by which a client's costs are counted: an IPv4 address, the first 64 bits of an IPv6 address, or this machine.</summary>
/// <remarks>An IPv6 subscriber usually has a /64 of its own (RFC 6177), so its single addresses say nothing. The default value is this machine.</remarks>
internal readonly record struct AddressKey
{
    // ::ffff:0:0/96 (RFC 4291, section 2.5.5.2), so that no IPv4 address equals an IPv6 network.
    private const ulong Mapped = 0xFFFF_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;

    private AddressKey(ulong high, ulong low) => (_high, _low) = (high, low);

    /// <summary>The same machine: loopback, or a connection without addresses.</summary>
    public bool IsThisMachine => this == default;

    /// <summary>For the log: an IPv4 address, an IPv6 network, or <c>local</c> for this machine.</summary>
    public override string ToString()
    {
        if (IsThisMachine)
        {
            return "local";
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        return _high == 0 ? new IPAddress(bytes[12..]).ToString() : $"{new IPAddress(bytes)}/64";
    }

    /// <summary>Allocates nothing.</summary>
    public static AddressKey Of(IPAddress? address)
    {
        if (address is null || IPAddress.IsLoopback(address))
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4 ? OfIPv4(bytes)
            : address.IsIPv4MappedToIPv6 ? OfIPv4(bytes[12..])
            : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0);
    }

    private static AddressKey OfIPv4(ReadOnlySpan<byte> bytes) =>
        bytes[0] == 127 ? default : new(0, Mapped | BinaryPrimitives.ReadUInt32BigEndian(bytes));
}
