using System.Globalization;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Redis;

/// <summary>Connects to a Redis server and signs in.</summary>
internal static class RedisDial
{
    /// <summary>The time limit for one command to a Redis server.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1.5);

    /// <summary>Connects to a primary of the kind in the address.</summary>
    /// <exception cref="StoreUnavailableException">The server does not answer, or is a replica.</exception>
    /// <exception cref="StoreRefusedException">The server refuses the credentials, or is of another kind.</exception>
    public static async Task<RespConnection> OpenAsync(RedisAddress address, RedisEndpoint endpoint, IRespPushes? pushes, CancellationToken cancellation)
    {
        var connection = await ConnectAsync(address, endpoint, pushes, cancellation);
        try
        {
            var hello = Accepted(await connection.AskAsync(Hello(address.Password)), endpoint);
            CheckMode(Find(hello, "mode"), address.Kind, endpoint);
            if (Find(hello, "role") is var role and not "master")
            {
                throw new StoreUnavailableException($"Redis ({endpoint}) is a {role}");
            }

            if (address.Database > 0)
            {
                Accepted(await connection.AskAsync(RespWriting.Command("SELECT", address.Database.ToString(CultureInfo.InvariantCulture))), endpoint);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to any kind of server: a Sentinel, a server of a cluster.</summary>
    /// <exception cref="StoreUnavailableException">The server does not answer.</exception>
    /// <exception cref="StoreRefusedException">The server refuses the credentials.</exception>
    public static async Task<RespConnection> OpenAnyAsync(
        RedisAddress address, RedisEndpoint endpoint, string? password, IRespPushes? pushes, CancellationToken cancellation)
    {
        var connection = await ConnectAsync(address, endpoint, pushes, cancellation);
        try
        {
            Accepted(await connection.AskAsync(Hello(password)), endpoint);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<RespConnection> ConnectAsync(RedisAddress address, RedisEndpoint endpoint, IRespPushes? pushes, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            return new RespConnection(await RedisSocket.ConnectAsync(endpoint, address.UsesTls, limit.Token), endpoint.ToString(), pushes);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"Redis ({endpoint}) does not answer", exception);
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
        {
            throw new StoreUnavailableException($"Redis ({endpoint}) cannot be used now: {exception.Message}", exception);
        }
        catch (System.Security.Authentication.AuthenticationException exception)
        {
            throw new StoreRefusedException($"{endpoint}: its certificate is not accepted: {exception.Message}", exception);
        }
    }

    private static byte[] Hello(string? password) => password is null
        ? RespWriting.Command("HELLO", "3", "SETNAME", "clawevents-broker")
        : RespWriting.Command("HELLO", "3", "AUTH", "default", password, "SETNAME", "clawevents-broker");

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
            : new StoreRefusedException($"{endpoint} refuses: {answer}"));
}
