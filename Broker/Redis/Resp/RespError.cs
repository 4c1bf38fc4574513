namespace ClawEvents.Broker.Redis.Resp;

/// <summary>Interprets the errors of Redis. Pure.</summary>
internal static class RespError
{
    public static bool IsMissingScript(RespValue answer) => StartsWith(answer, "NOSCRIPT"u8);

    /// <summary>In Redis Cluster: another server has the key, or will have it in a moment. Nothing was done.</summary>
    public static bool IsRedirection(RespValue answer) => StartsWith(answer, "MOVED "u8) || IsMoving(answer) || StartsWith(answer, "TRYAGAIN"u8);

    /// <summary>Another server is just taking the key over, and answers only commands after ASKING.</summary>
    public static bool IsMoving(RespValue answer) => StartsWith(answer, "ASK "u8);

    /// <summary>A key has another type, or its value another form, than this broker gives it.</summary>
    public static bool IsAboutAValue(RespValue answer) => Contains(answer, "WRONGTYPE"u8) || Contains(answer, "not an integer"u8);

    /// <summary>The server has become a replica, or is in a part of the network without its primary.</summary>
    public static bool IsDemotion(RespValue answer) => Contains(answer, "READONLY"u8) || StartsWith(answer, "MASTERDOWN"u8);

    /// <summary>The server's memory is full. A script is refused as a whole if its first change is one that needs memory.</summary>
    public static bool IsOutOfMemory(RespValue answer) => Contains(answer, "OOM command not allowed"u8);

    /// <inheritdoc cref="IsOutOfMemory(RespValue)"/>
    /// <param name="error">Its text.</param>
    public static bool IsOutOfMemory(string error) => error.Contains("OOM command not allowed", StringComparison.Ordinal);

    private static bool StartsWith(RespValue answer, ReadOnlySpan<byte> code) =>
        answer.Kind is RespKind.Error && answer.Bytes.Span.StartsWith(code);

    // Within a script, Redis 6 puts its own text before the code.
    private static bool Contains(RespValue answer, ReadOnlySpan<byte> code) =>
        answer.Kind is RespKind.Error && answer.Bytes.Span.IndexOf(code) >= 0;
}
