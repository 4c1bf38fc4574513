using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Consumers.Streams;

/// <summary>Reads one stream: first what it was given before and has not finished, then what other nodes have left, then what is new.</summary>
/// <remarks>
/// DESIGN. An entry is acknowledged after its command, together with those before it, and belongs to this node until then. A node that dies leaves its entries
/// to the others: they take over what has been unfinished for <see cref="RedisStreamOptions.VisibilityTimeout"/>. One task reads.
/// </remarks>
internal sealed class StreamReader(RedisStreamOptions options, ConsumerWork work, string stream, string consumer)
{
    private const int BatchSize = 100;

    // The server holds a read for so long; the connection's own pings come in between.
    private const int BlockMilliseconds = 400;

    private const string New = ">";
    private const string Unfinished = "0";

    private static readonly TimeSpan LongestClaimInterval = TimeSpan.FromSeconds(5);

    private readonly List<RedisValue> _done = [];

    // Where a group begins when it has to be made again, as after a loss of Redis' memory: nothing is left out, and nothing comes again.
    private string? _last;
    private long _claimedAt;

    private TimeSpan ClaimInterval => options.VisibilityTimeout < LongestClaimInterval ? options.VisibilityTimeout : LongestClaimInterval;

    public async Task RunAsync(RedisConnection redis, Action onAnswer, CancellationToken cancellation)
    {
        await MakeGroupAsync(redis);
        onAnswer();
        _claimedAt = work.Time.GetTimestamp();
        var from = Unfinished;
        while (!cancellation.IsCancellationRequested)
        {
            if (work.Time.GetElapsedTime(_claimedAt) >= ClaimInterval)
            {
                await ClaimAsync(redis, cancellation);
            }

            var entries = await ReadAsync(redis, from);
            await HandleAsync(redis, entries, cancellation);
            from = entries.Count == 0 ? New : from;
        }

        await LeaveAsync(redis);
    }

    private async ValueTask HandleAsync(RedisConnection redis, IReadOnlyList<StreamEntry> entries, CancellationToken cancellation)
    {
        try
        {
            if (options.Workers == 1)
            {
                foreach (var entry in entries)
                {
                    await HandleAsync(entry, () => AcknowledgeAsync(redis), cancellation);
                }
            }
            else
            {
                await Parallel.ForEachAsync(
                    entries,
                    new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellation },
                    (entry, stop) => HandleAsync(entry, () => ValueTask.CompletedTask, stop));
            }
        }
        finally
        {
            await AcknowledgeAsync(redis);
        }
    }

    private async ValueTask HandleAsync(StreamEntry entry, Func<ValueTask> beforeWait, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var place = $"{stream} {entry.Id}";
        if (entry is { Values: { } values, Payload: { } payload })
        {
            await work.HandleAsync(new(place, values, payload), beforeWait, cancellation);
        }
        else if (entry.Values is not null)
        {
            work.Skip(place, $"it has no value {options.Payload}");
        }

        lock (_done)
        {
            _done.Add(entry.Id);
        }
    }

    // Not cancelled: what is done should not be done again after the next start.
    private async ValueTask AcknowledgeAsync(RedisConnection redis)
    {
        RedisValue[] done;
        lock (_done)
        {
            done = [.. _done];
            _done.Clear();
        }

        if (done.Length > 0)
        {
            await redis.AskAsync(database => database.StreamAcknowledgeAsync(stream, options.Group, done));
        }
    }

    private async Task<IReadOnlyList<StreamEntry>> ReadAsync(RedisConnection redis, string from)
    {
        object[] command = ["GROUP", options.Group, consumer, "COUNT", BatchSize, "BLOCK", BlockMilliseconds, "STREAMS", (RedisKey)stream, from];
        var entries = StreamEntry.OfRead(await AskAsync(redis, "XREADGROUP", command), options.Payload);
        _last = from == New && entries.Count > 0 ? entries[^1].Id : _last;
        return entries;
    }

    private async Task ClaimAsync(RedisConnection redis, CancellationToken cancellation)
    {
        var next = "0-0";
        do
        {
            object[] command = [(RedisKey)stream, options.Group, consumer, (long)options.VisibilityTimeout.TotalMilliseconds, next, "COUNT", BatchSize];
            var answer = await AskAsync(redis, "XAUTOCLAIM", command);
            if (answer.IsNull)
            {
                return;
            }

            next = (string)answer[0]!;
            await HandleAsync(redis, StreamEntry.Of(answer[1], options.Payload), cancellation);
        }
        while (next != "0-0" && !cancellation.IsCancellationRequested);

        _claimedAt = work.Time.GetTimestamp();
    }

    // The group may be gone: with a Redis that keeps nothing, or by an operator.
    private async Task<RedisResult> AskAsync(RedisConnection redis, string name, object[] arguments)
    {
        var answer = await redis.AskAsync(async database =>
        {
            try
            {
                return await database.ExecuteAsync(name, arguments);
            }
            catch (RedisServerException exception) when (exception.Message.Contains("NOGROUP", StringComparison.Ordinal))
            {
                return null;
            }
        });
        if (answer is not null)
        {
            return answer;
        }

        await MakeGroupAsync(redis);
        return RedisResult.Create(RedisValue.Null);
    }

    private async Task MakeGroupAsync(RedisConnection redis)
    {
        // As for a Centrifugo, a new group gets what is added from here on.
        var from = _last ?? "$";
        var now = await redis.AskAsync(database => database.ExecuteAsync("TIME"));
        await redis.AskAsync(async database =>
        {
            try
            {
                return await database.ExecuteAsync("XGROUP", "CREATE", (RedisKey)stream, options.Group, from, "MKSTREAM");
            }
            catch (RedisServerException exception) when (exception.Message.Contains("BUSYGROUP", StringComparison.Ordinal))
            {
                // Another node, or an earlier start, has made it.
                return null;
            }
        });
        _last ??= string.Create(CultureInfo.InvariantCulture, $"{((long)now[0] * 1000) + ((long)now[1] / 1000)}-0");
    }

    // A consumer that has nothing left need not stay in the group. One that has something must: it would be lost.
    private async Task LeaveAsync(RedisConnection redis)
    {
        var pending = await redis.AskAsync(database => database.ExecuteAsync("XPENDING", (RedisKey)stream, options.Group, "-", "+", 1, consumer));
        if (pending.Length == 0)
        {
            await redis.AskAsync(database => database.ExecuteAsync("XGROUP", "DELCONSUMER", (RedisKey)stream, options.Group, consumer));
        }
    }
}
