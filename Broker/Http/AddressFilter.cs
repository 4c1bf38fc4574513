using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Http;

/// <summary>The addresses to which the broker makes connections that strangers ask for: those of the public internet, and those that the operator allows.</summary>
/// <remarks>
/// The special-purpose registries of IANA (iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry) list what is not public.
/// Of IPv6 only 2000::/3 is assigned to the public, so the rest needs no list: loopback, link-local, unique local, multicast, and what carries an IPv4
/// address within (64:ff9b::/96, ::/96). Immutable.
/// </remarks>
/// <param name="allowed">Networks whose addresses are accepted although they are not public.</param>
internal sealed class AddressFilter(IReadOnlyList<IPNetwork> allowed)
{
    private static readonly IPNetwork PublicV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",

            // Azure's service for its machines, which answers on a public address.
            "168.63.129.16/32",

            // Protocol assignments with Teredo, documentation, and 6to4, which has an IPv4 address within.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>Whether a connection to the address may be made.</summary>
    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IsIn(allowed, plain) || (IsPublic(plain) && !IsIn(Special, plain));
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily is AddressFamily.InterNetwork || PublicV6.Contains(address);

    private static bool IsIn(IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
