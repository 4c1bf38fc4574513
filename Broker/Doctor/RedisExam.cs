using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Doctor;

/// <summary>Examines the servers of one entry of <c>REDIS_URL</c>. It sends INFO, TIME, PING and CONFIG GET, and changes nothing.</summary>
/// <param name="address">Sentinels are asked for the primary; of a cluster the named servers are examined.</param>
/// <param name="holdsState">It has locks, grants and keys, which must survive its restart.</param>
internal sealed class RedisExam(RedisAddress address, bool holdsState, TimeProvider time)
{
    private const int Pings = 20;

    // The library's own limit holds for each step of connecting; Sentinels are asked before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly List<Finding> _findings = [];
    private readonly List<ToldTime> _times = [];

    /// <summary>Takes at most some seconds for each server.</summary>
    public async Task<(IReadOnlyList<Finding> Findings, IReadOnlyList<ToldTime> Times)> RunAsync()
    {
        foreach (var endpoint in await LocateAsync())
        {
            await ExamineAsync(endpoint);
        }

        return (_findings, _times);
    }

    private async Task<IReadOnlyList<RedisEndpoint>> LocateAsync()
    {
        if (address.Kind is RedisKind.Cluster)
        {
            return address.Endpoints;
        }

        var locator = RedisLocators.Of(address, NullLogger.Instance);
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            return [await locator.LocateAsync(limit.Token)];
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            Add(Finding.Fault("redis", $"no Sentinel of {address} knows the primary", "start the Sentinels, or correct their addresses and the name in REDIS_URL"));
            return [];
        }
        finally
        {
            await ((locator as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task ExamineAsync(RedisEndpoint endpoint)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await using var connection = await RedisDial.OpenAsync(address, endpoint, pushes: null, limit.Token);
            await ExamineAsync(connection, endpoint);
        }
        catch (StoreRefusedException exception)
        {
            Add(Finding.Fault(exception.Message.Contains("too old", StringComparison.Ordinal) ? "redis-version" : "redis", exception.Message, "correct REDIS_URL, or the server's settings"));
        }
        catch (StoreUnavailableException exception) when (address.Kind is RedisKind.Cluster && exception.Message.EndsWith("is a replica", StringComparison.Ordinal))
        {
            Add(Finding.Ok("redis", $"{endpoint} is a replica"));
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException or InvalidDataException)
        {
            Add(Finding.Fault("redis", exception is OperationCanceledException ? $"Redis ({endpoint}) does not answer" : exception.Message, "start it, or correct REDIS_URL; locks, grants and publications wait for it"));
        }
    }

    private async Task ExamineAsync(RespConnection connection, RedisEndpoint endpoint)
    {
        Add(Finding.Ok("redis", $"{endpoint} answers"));
        _times.Add(await ReadTimeAsync(connection, endpoint));
        Add(await LatencyAsync(connection, endpoint));
        var info = await connection.AskAsync(RespWriting.Command("INFO"));
        if (info.Kind is RespKind.Error)
        {
            Add(Finding.Skipped("redis-version", $"{endpoint} does not allow INFO to this user: ACL SETUSER … +info"));
            return;
        }

        var server = new RedisServerChecks(RedisInfo.Parse(info.ToString()), await ReadConfigAsync(connection, "save"), await ReadConfigAsync(connection, "appendfsync"), $"{endpoint}", holdsState, address.Kind);
        _findings.AddRange(server.Run());
    }

    private async Task<ToldTime> ReadTimeAsync(RespConnection connection, RedisEndpoint endpoint)
    {
        var asked = time.GetUtcNow();
        var answer = await connection.AskAsync(RespWriting.Command("TIME"));
        var answered = time.GetUtcNow();
        var (seconds, micros) = (Number(answer.Items[0]), Number(answer.Items[1]));
        return ToldTime.Of($"Redis ({endpoint})", asked, DateTimeOffset.FromUnixTimeSeconds(seconds).AddMicroseconds(micros), answered, TimeSpan.Zero);
    }

    private static async Task<Finding> LatencyAsync(RespConnection connection, RedisEndpoint endpoint)
    {
        const string check = "redis-latency";
        const string advice = "bring Redis nearer, or find what slows it (SLOWLOG GET, LATENCY DOCTOR): each publish waits for it";
        var times = new List<double>();
        for (var i = 0; i < Pings; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await connection.AskAsync(RespWriting.Command("PING"));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        var text = string.Create(CultureInfo.InvariantCulture, $"{endpoint} answers in {times[Pings / 2]:0.0} ms, {times[^1]:0.0} ms at most");
        return times[Pings / 2] switch
        {
            > 100 => Finding.Fault(check, text, advice),
            > 5 => Finding.Warning(check, text, advice),
            _ => Finding.Ok(check, text),
        };
    }

    // Null where the server does not allow the question, as managed ones do.
    private static async Task<string?> ReadConfigAsync(RespConnection connection, string name)
    {
        var answer = await connection.AskAsync(RespWriting.Command("CONFIG", "GET", name));
        return answer.Kind is RespKind.Items && answer.Items.Length == 2 ? answer.Items[1].ToString() : null;
    }

    private static long Number(RespValue value) => long.Parse(value.ToString(), CultureInfo.InvariantCulture);

    private void Add(Finding finding) => _findings.Add(finding);
}
