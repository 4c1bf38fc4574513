using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Makes the commands for orders between nodes, and reads their answers. Pure. docs/reference/redis-keys.md</summary>
/// <remarks>
/// The list of recent orders is a stream under the name over which orders are published, so that in Redis Cluster both are in one slot. It has no end:
/// it is small, and a node that was away for a day finds out that it was lost only if it does not vanish by itself.
/// </remarks>
internal static class OrderCommands
{
    /// <summary>The number of orders that are kept.</summary>
    public const int MaxKept = 10_000;

    /// <summary>The number of orders that one answer brings.</summary>
    public const int PageSize = 500;

    // Orders with much data push the older ones out earlier.
    private const int MaxKeptBytes = 16 * 1024 * 1024;

    /// <summary>Keeps an order and publishes it.</summary>
    /// <param name="name">The bus's name for all nodes, and the key of the list.</param>
    /// <param name="content">As in an envelope.</param>
    public static RedisCall Send(string name, ReadOnlySpan<byte> content) => RedisCall.Of(
        EngineScripts.SendOrder,
        [name],
        EngineCommands.Start,
        name,
        content.ToArray(),
        Math.Clamp(MaxKeptBytes / Math.Max(1, content.Length), 1, MaxKept));

    /// <summary>Reads the orders that follow one.</summary>
    /// <param name="name">As in <see cref="Send"/>.</param>
    /// <param name="last">The order before the first one that is wanted.</param>
    public static RedisCall Read(string name, OrderId last) => RedisCall.Of(EngineScripts.ReadOrders, [name], last.Next.ToString(), PageSize);

    /// <summary>Whether an order that was sent was also kept. It was not when memory is full.</summary>
    public static bool WasKept(RedisResult answer) => answer.Number() == 1;

    /// <exception cref="InvalidDataException">Not what <see cref="Send"/> has written.</exception>
    public static OrderPage ReadPage(RedisResult answer)
    {
        if (answer.Items() is not [var seconds, var microseconds, var top, var entries])
        {
            throw Unreadable();
        }

        var now = (seconds.Number() * 1_000) + (microseconds.Number() / 1_000);
        return new((ulong)now, ReadId(top), Array.ConvertAll(entries.Items(), ReadEntry));
    }

    // An id, and two fields with their names. An entry that somebody else has added has no order in it.
    private static KeptOrder ReadEntry(RedisResult entry) => entry.Items() is not [var id, var fields]
        ? throw Unreadable()
        : fields.Items() is [_, var previous, _, var content] && OrderId.TryParse(previous.Text(), out var before)
            ? new(ReadId(id), before, content.Bytes())
            : new(ReadId(id), OrderId.None, default);

    private static OrderId ReadId(RedisResult text) => OrderId.TryParse(text.Text(), out var id) ? id : throw Unreadable();

    private static InvalidDataException Unreadable() => new("the list of recent orders in Redis is not what this broker writes (docs/reference/redis-keys.md)");
}

/// <summary>Some of the recent orders.</summary>
/// <param name="Now">Unix time in milliseconds by the clock of Redis.</param>
/// <param name="Top">The newest order; <see cref="OrderId.None"/> when there is none.</param>
/// <param name="Orders">The oldest first. Empty: no more follow.</param>
internal readonly record struct OrderPage(ulong Now, OrderId Top, IReadOnlyList<KeptOrder> Orders);

/// <param name="Previous">The order before it, which may be kept no longer; <see cref="OrderId.None"/> for the first one.</param>
/// <param name="Content">As in an envelope.</param>
internal readonly record struct KeptOrder(OrderId Id, OrderId Previous, ReadOnlyMemory<byte> Content);
