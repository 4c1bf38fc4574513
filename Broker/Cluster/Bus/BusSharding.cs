using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Whether a server of a cluster keeps publications to itself.</summary>
internal static class BusSharding
{
    /// <summary>What a server before Redis 7 says of <c>SPUBLISH</c> in a script; others may lack the command, too: an operator can take it away.</summary>
    public const string UnknownCommand = "Unknown Redis command";

    /// <summary>Asks a server whether its scripts publish with <c>SPUBLISH</c>.</summary>
    public static byte[] ShardQuestion { get; } = RespWriting.Command(
        "EVAL", $"return redis.REDIS_VERSION_NUM and redis.pcall('SPUBLISH').err or '{UnknownCommand}'", "0");

    /// <summary>Reads the answer to <see cref="ShardQuestion"/>.</summary>
    /// <exception cref="StoreUnavailableException">The server does not say.</exception>
    public static bool HasShards(RespValue answer) => answer.Kind is RespKind.Text
        ? !answer.ToString().Contains(UnknownCommand, StringComparison.Ordinal)
        : throw new StoreUnavailableException($"Redis cannot be used now: {answer}");
}
