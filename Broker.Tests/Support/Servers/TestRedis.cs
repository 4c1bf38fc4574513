using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Addresses of Redis, and commands to it as from an operator.</summary>
internal static class TestRedis
{
    public static RedisAddress Address(string url) => RedisAddress.TryParse(url, out var address) ? address : throw new ArgumentException(url);

    /// <returns>The answer, which is no error.</returns>
    public static async Task<RespValue> AskAsync(RedisEndpoint endpoint, string? password, params string[] command)
    {
        await using var connection = await RedisDial.OpenAnyAsync(Address("redis://localhost"), endpoint, password, pushes: null, CancellationToken.None);
        var answer = await connection.AskAsync(RespWriting.Command(command));
        Assert.That(answer.Kind, Is.Not.EqualTo(RespKind.Error), $"{string.Join(' ', command)}: {answer}");
        return answer;
    }
}
