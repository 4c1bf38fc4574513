using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>Interprets the errors of Redis and of its client library. Pure.</summary>
/// <remarks>Within a script, Redis 6 puts its own text before the code, so the library does not know the kind.</remarks>
internal static class RedisErrors
{
    /// <summary>A key has another type, or its value another form, than this broker gives it.</summary>
    public static bool IsAboutAValue(RedisServerException error) => Contains(error, "WRONGTYPE") || Contains(error, "not an integer");

    /// <summary>The server's memory is full. A script is refused as a whole if its first change is one that needs memory.</summary>
    public static bool IsOutOfMemory(RedisServerException error) => Contains(error, "OOM command not allowed");

    /// <summary>The server has become a replica, as it says, or as the library has noticed, or is in a part of the network without its primary.</summary>
    public static bool IsDemotion(Exception exception) =>
        exception is RedisCommandException
        || (exception is RedisServerException error && (Contains(error, "READONLY") || error.Kind is RedisErrorKind.MasterDown));

    /// <summary>In a cluster: another server has the key, or will have it in a moment. Nothing was done.</summary>
    public static bool IsMove(Exception exception) =>
        IsBeingMoved(exception)
        || exception is RedisServerException { Kind: RedisErrorKind.Moved or RedisErrorKind.Ask or RedisErrorKind.TryAgain or RedisErrorKind.UnknownRedirectTarget };

    /// <summary>In a cluster: another server is just taking the slot over. So the library reports a redirection by ASK that it must not follow.</summary>
    public static bool IsBeingMoved(Exception exception) => exception is RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect };

    /// <summary>The command was not sent, because there is no connection now.</summary>
    public static bool IsUnsent(RedisConnectionException exception) => exception.FailureType is ConnectionFailureType.UnableToResolvePhysicalConnection;

    /// <summary>Everything that the library is known to throw for a server that is gone, stopping or silent, and for a connection that is being replaced.</summary>
    public static bool IsOutage(Exception exception) =>
        exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    private static bool Contains(RedisServerException error, string code) => error.Message.Contains(code, StringComparison.Ordinal);
}
