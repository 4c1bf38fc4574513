using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>Reads answers, and refuses those of another kind than is expected.</summary>
/// <remarks>Every member throws <see cref="InvalidDataException"/> for them; the library's own conversions would throw many kinds of exceptions.</remarks>
internal static class RedisAnswers
{
    /// <summary>An array.</summary>
    public static RedisResult[] Items(this RedisResult answer) => answer.Length >= 0 ? (RedisResult[])answer! : throw Unexpected(answer);

    /// <summary>A text that is not null.</summary>
    public static byte[] Bytes(this RedisResult answer) => Value(answer) is { IsNull: false } value ? (byte[])value! : throw Unexpected(answer);

    /// <inheritdoc cref="Bytes"/>
    public static string Text(this RedisResult answer) => Value(answer) is { IsNull: false } value ? (string)value! : throw Unexpected(answer);

    /// <summary>A number, or a text that is one.</summary>
    public static long Number(this RedisResult answer) => Value(answer).TryParse(out long number) ? number : throw Unexpected(answer);

    private static RedisValue Value(RedisResult answer) => answer.Length < 0 ? (RedisValue)answer : throw Unexpected(answer);

    private static InvalidDataException Unexpected(RedisResult answer) => new($"Redis sent an unexpected {answer.Resp2Type}");
}
