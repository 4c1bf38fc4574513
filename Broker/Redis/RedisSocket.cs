using System.Net.Security;
using System.Net.Sockets;

namespace ClawEvents.Broker.Redis;

/// <summary>The address of a Redis server.</summary>
/// <param name="Host">A name or an IP address, an IPv6 one without brackets.</param>
internal readonly record struct RedisEndpoint(string Host, int Port)
{
    public override string ToString() => new UriBuilder { Scheme = "redis", Host = Host, Port = Port }.Uri.Authority;
}

/// <summary>Opens a connection to a Redis server.</summary>
internal static class RedisSocket
{
    /// <returns>A stream that owns its socket.</returns>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate is not trusted, or is for another host.</exception>
    public static async Task<Stream> ConnectAsync(RedisEndpoint endpoint, bool usesTls, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation);
            stream = new NetworkStream(socket, ownsSocket: true);
            return usesTls ? stream = await SecureAsync(stream, endpoint.Host, cancellation) : stream;
        }
        catch
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            socket.Dispose();
            throw;
        }
    }

    private static async Task<SslStream> SecureAsync(Stream stream, string host, CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellation);
        return tls;
    }
}
