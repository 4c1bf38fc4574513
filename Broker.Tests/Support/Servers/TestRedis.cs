using System.Buffers;
using System.Globalization;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Addresses of Redis, and commands to it as from an operator.</summary>
internal static class TestRedis
{
    public static RedisAddress Address(string url) => RedisAddress.TryParse(url, out var address) ? address : throw new ArgumentException(url);

    /// <summary>Connects to a server of any kind.</summary>
    public static async Task<RespConnection> ConnectAsync(RedisEndpoint endpoint, string? password = null, int database = 0)
    {
        var connection = new RespConnection(await RedisDial.OpenSocketAsync(Address($"redis://{endpoint}"), endpoint, CancellationToken.None), endpoint.ToString(), RedisAddress.DefaultLimit);
        string[] user = password is null ? [] : ["AUTH", "default", password];
        await connection.AskAsync(RespWriting.Command(["HELLO", "3", .. user]));
        if (database > 0)
        {
            await connection.AskAsync(RespWriting.Command("SELECT", database.ToString(CultureInfo.InvariantCulture)));
        }

        return connection;
    }

    /// <returns>The answer, which is no error.</returns>
    public static async Task<RespValue> AskAsync(RedisEndpoint endpoint, string? password, params string[] command)
    {
        await using var connection = await ConnectAsync(endpoint, password);
        var answer = await connection.AskAsync(RespWriting.Command(command));
        Assert.That(answer.Kind, Is.Not.EqualTo(RespKind.Error), $"{string.Join(' ', command)}: {answer}");
        return answer;
    }

    public static long ToNumber(this RespValue value) => long.Parse(value.ToString(), CultureInfo.InvariantCulture);

    /// <summary>A part of any bytes.</summary>
    public static void WritePart(this IBufferWriter<byte> output, ReadOnlySpan<byte> part)
    {
        output.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${part.Length}\r\n")));
        output.Write(part);
        output.Write("\r\n"u8);
    }
}
