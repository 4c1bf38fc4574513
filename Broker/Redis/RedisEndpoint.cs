using System.Net;

namespace ClawEvents.Broker.Redis;

/// <summary>The address of a Redis server.</summary>
/// <param name="Host">A name or an IP address, an IPv6 one without brackets.</param>
internal readonly record struct RedisEndpoint(string Host, int Port)
{
    public override string ToString() => new UriBuilder { Scheme = "redis", Host = Host, Port = Port }.Uri.Authority;

    /// <returns>Null for an address of another kind, which no Redis has.</returns>
    public static RedisEndpoint? Of(EndPoint? endpoint) => endpoint switch
    {
        IPEndPoint ip => new(ip.Address.ToString(), ip.Port),
        DnsEndPoint name => new(name.Host, name.Port),
        _ => null,
    };
}
