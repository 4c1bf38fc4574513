using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Connections;

/// <summary>Reads a <c>Host</c> header (RFC 9110, section 7.2): a name or address, and a port after a colon. Pure.</summary>
internal static class HostHeader
{
    // RFC 3986, section 3.2.2, without what has to be percent-encoded.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!$%&'()*+,-.0123456789;=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    /// <param name="header">The whole value; empty is valid and has an empty name.</param>
    /// <param name="name">Without port and brackets.</param>
    public static bool TryReadName(string header, out string name)
    {
        var isBracketed = header.StartsWith('[');
        var end = isBracketed ? header.IndexOf(']') : header.IndexOf(':') is var colon and >= 0 ? colon : header.Length;
        name = end < 0 ? "" : header[(isBracketed ? 1 : 0)..end];
        var rest = end < 0 ? [] : header.AsSpan(isBracketed ? end + 1 : end);
        return end >= 0 && IsPort(rest) && (isBracketed ? IsAddress6(name) : !name.AsSpan().ContainsAnyExcept(NameCharacters));
    }

    private static bool IsPort(ReadOnlySpan<char> rest) => rest.IsEmpty || (rest[0] == ':' && !rest[1..].ContainsAnyExceptInRange('0', '9'));

    private static bool IsAddress6(string name) => IPAddress.TryParse(name, out var address) && address.AddressFamily is AddressFamily.InterNetworkV6;
}
