using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>Connects to a Redis server and signs in.</summary>
internal static class RedisDial
{
    /// <summary>Connects to a primary of the kind in the address.</summary>
    /// <exception cref="StoreUnavailableException">The server does not answer, or is a replica, or, with an <see cref="InvalidDataException"/> inside, is not Redis.</exception>
    /// <exception cref="StoreRefusedException">The server refuses the credentials, or is of another kind.</exception>
    public static async Task<RespConnection> OpenAsync(RedisAddress address, RedisEndpoint endpoint, Func<ReadOnlyMemory<byte>, ValueTask>? pushes, CancellationToken cancellation)
    {
        var connection = await ConnectAsync(address, endpoint, pushes, cancellation);
        try
        {
            await SignInAsync(connection, address, endpoint);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects without a word of Redis.</summary>
    /// <returns>A stream that owns its socket.</returns>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate is not trusted, or is for another host.</exception>
    public static async Task<Stream> OpenSocketAsync(RedisAddress address, RedisEndpoint endpoint, CancellationToken cancellation)
    {
        var stream = await SocketDial.OpenAsync(socket => socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation));
        try
        {
            return address.UsesTls ? await SecureAsync(stream, address.Trust, endpoint.Host, cancellation) : stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task SignInAsync(RespConnection connection, RedisAddress address, RedisEndpoint endpoint)
    {
        var hello = Accepted(await connection.AskAsync(Hello(address)), endpoint);
        CheckMode(Find(hello, "mode"), address.Kind, endpoint);
        if (Find(hello, "role") is var role and not "master")
        {
            throw new StoreUnavailableException($"Redis ({endpoint}) is a {role}");
        }

        if (address.Database > 0)
        {
            Accepted(await connection.AskAsync(RespWriting.Command("SELECT", address.Database.ToString(CultureInfo.InvariantCulture))), endpoint);
        }
    }

    private static async Task<RespConnection> ConnectAsync(RedisAddress address, RedisEndpoint endpoint, Func<ReadOnlyMemory<byte>, ValueTask>? pushes, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(address.ConnectLimit);
        try
        {
            return new RespConnection(await OpenSocketAsync(address, endpoint, limit.Token), endpoint.ToString(), address.AnswerLimit, pushes);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"Redis ({endpoint}) does not answer", exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new StoreUnavailableException($"Redis ({endpoint}) cannot be used now: {exception.Message}", exception);
        }
        catch (System.Security.Authentication.AuthenticationException exception)
        {
            throw new StoreRefusedException($"{endpoint}: its certificate is not accepted: {exception.Message}", exception);
        }
    }

    private static byte[] Hello(RedisAddress address)
    {
        var version = address.ForcesResp2 ? "2" : "3";
        return address.Password is null
            ? RespWriting.Command("HELLO", version, "SETNAME", address.ClientName)
            : RespWriting.Command("HELLO", version, "AUTH", address.User ?? "default", address.Password, "SETNAME", address.ClientName);
    }

    private static void CheckMode(string? mode, RedisKind kind, RedisEndpoint endpoint)
    {
        if (mode is "sentinel")
        {
            throw new StoreRefusedException($"{endpoint} is a Sentinel: write its address as redis+sentinel://");
        }

        if ((mode is "cluster") != (kind is RedisKind.Cluster))
        {
            throw new StoreRefusedException(mode is "cluster"
                ? $"{endpoint} belongs to a Redis Cluster: write its address as redis+cluster://"
                : $"{endpoint} does not belong to a Redis Cluster: write its address as redis://");
        }
    }

    // The server's description of itself: alternating names and values.
    private static string? Find(RespValue hello, string name)
    {
        var items = hello.Items;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            if (items[i].ToString() == name)
            {
                return items[i + 1].ToString();
            }
        }

        return null;
    }

    private static RespValue Accepted(RespValue answer, RedisEndpoint endpoint) => answer.Kind is not RespKind.Error
        ? answer
        : throw (answer.ToString().StartsWith("ERR unknown command", StringComparison.Ordinal)
            ? new StoreRefusedException($"{endpoint} is too old: several nodes need Redis 6 or newer")
            : new StoreRefusedException($"{endpoint} refuses: {(IsForPassword(answer) ? "NOAUTH it asks for a password" : answer)}"));

    // Its own text is long, and about HELLO.
    private static bool IsForPassword(RespValue answer) => answer.ToString().StartsWith("NOAUTH", StringComparison.Ordinal);

    private static async Task<SslStream> SecureAsync(Stream stream, RedisTrust trust, string host, CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(trust.Handshake(host), cancellation);
        return tls;
    }
}
