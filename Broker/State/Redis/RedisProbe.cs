using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Signs in to a Redis once, at the start, to distinguish a wrong setting from an unavailable server.</summary>
/// <remarks>By hand, because the client library treats a refused password as a lost connection and retries it for ever.</remarks>
internal static class RedisProbe
{
    private const int MaxReplyLength = 512;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Completes also when there is no answer in time, which may resolve itself.</summary>
    /// <exception cref="StoreRefusedException">Password, database or certificate are wrong, or the server is not Redis.</exception>
    public static async Task CheckAsync(RedisAddress address, RedisEndpoint endpoint)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await using var stream = await RedisSocket.ConnectAsync(endpoint, address.UsesTls, limit.Token);
            await AskAsync(stream, address, limit.Token);
        }
        catch (AuthenticationException exception)
        {
            throw new StoreRefusedException($"{address}: its certificate is not accepted: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            // Unavailable. The store reports this to every caller, and works as soon as the server does.
        }
    }

    private static async Task AskAsync(Stream stream, RedisAddress address, CancellationToken cancellation)
    {
        string[][] commands =
        [
            .. address.Password is { } password ? new[] { new[] { "AUTH", password } } : [],
            ["SELECT", address.Database.ToString(CultureInfo.InvariantCulture)],
            ["PING"],
        ];
        using var replies = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        foreach (var command in commands)
        {
            await stream.WriteAsync(Encode(command), cancellation);
            Judge(await ReadLineAsync(replies, cancellation), address);
        }
    }

    // RESP: *ARGUMENTS CRLF, and for each $BYTES CRLF TEXT CRLF.
    private static byte[] Encode(string[] command) => Encoding.UTF8.GetBytes(string.Concat(
        command.Select(part => string.Create(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n"))
            .Prepend(string.Create(CultureInfo.InvariantCulture, $"*{command.Length}\r\n"))));

    // No line of these answers is long, and the server may be anything.
    private static async Task<string> ReadLineAsync(StreamReader reader, CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var one = new char[1];
        while (line.Length < MaxReplyLength && await reader.ReadAsync(one, cancellation) == 1 && one[0] != '\n')
        {
            line.Append(one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }

    private static void Judge(string reply, RedisAddress address)
    {
        // Other errors (LOADING, BUSY, MASTERDOWN) are temporary.
        if (reply.StartsWith("-ERR ", StringComparison.Ordinal) || reply.StartsWith("-NOAUTH ", StringComparison.Ordinal)
            || reply.StartsWith("-WRONGPASS ", StringComparison.Ordinal) || reply.StartsWith("-NOPERM ", StringComparison.Ordinal))
        {
            throw new StoreRefusedException($"{address} refuses: {reply[1..]}");
        }

        if (reply.Length > 0 && reply[0] is not ('+' or '-'))
        {
            throw new StoreRefusedException($"the server at {address} is not Redis");
        }
    }
}
