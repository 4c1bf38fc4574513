using System.Globalization;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Benchmarks.Cluster;

/// <summary>A Redis Cluster of primaries that share the slots.</summary>
internal sealed class BenchmarkCluster : IDisposable
{
    private const int Slots = 16_384;

    private static readonly string[] WithoutShards = ["--rename-command", "SPUBLISH", "", "--rename-command", "SSUBSCRIBE", "", "--rename-command", "SUNSUBSCRIBE", ""];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-cluster-");

    private BenchmarkCluster(int primaries, bool isSharded) => Servers = [.. Enumerable.Range(0, primaries).Select(i => new BenchmarkRedis(
        ["--cluster-enabled", "yes", "--cluster-config-file", Path.Combine(_folder.FullName, $"{i}.conf"), .. isSharded ? [] : WithoutShards]))];

    public IReadOnlyList<BenchmarkRedis> Servers { get; }

    public RedisAddress Address => RedisAddress.TryParse($"redis+cluster://127.0.0.1:{Number(Servers[0].Port)}", out var address) ? address : throw new InvalidOperationException();

    /// <param name="primaries">How many.</param>
    /// <param name="isSharded">Whether they know the commands for sharded publishing, as servers from Redis 7 on do.</param>
    public static async Task<BenchmarkCluster> StartAsync(int primaries, bool isSharded)
    {
        var cluster = new BenchmarkCluster(primaries, isSharded);
        for (var i = 0; i < primaries; i++)
        {
            await cluster.AskAsync(i, "CLUSTER", "ADDSLOTSRANGE", Number(Slots * i / primaries), Number((Slots * (i + 1) / primaries) - 1));
            await cluster.AskAsync(i, "CLUSTER", "SET-CONFIG-EPOCH", Number(i + 1));
            for (var far = 0; far < i; far++)
            {
                await cluster.AskAsync(i, "CLUSTER", "MEET", "127.0.0.1", Number(cluster.Servers[far].Port));
            }
        }

        for (var i = 0; i < primaries; i++)
        {
            while (await cluster.AskAsync(i, "CLUSTER", "INFO") is var info
                && !(info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains($"cluster_known_nodes:{Number(primaries)}\r\n", StringComparison.Ordinal)))
            {
                await Task.Delay(10);
            }
        }

        return cluster;
    }

    /// <summary>Publications that servers have sent to each other so far.</summary>
    public async Task<long> CountMessagesAsync()
    {
        var infos = await Task.WhenAll(Servers.Select((_, i) => AskAsync(i, "CLUSTER", "INFO")));
        return infos.SelectMany(info => info.Split("\r\n"))
            .Where(line => line.StartsWith("cluster_stats_messages_publish", StringComparison.Ordinal) && line.Contains("_sent:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Bytes that the servers have written so far, to whomever.</summary>
    public long CountBytes() => Servers.Sum(server => long.Parse(
        File.ReadLines($"/proc/{Number(server.Process.Id)}/io").Single(line => line.StartsWith("wchar:", StringComparison.Ordinal))["wchar:".Length..], CultureInfo.InvariantCulture));

    public void Dispose()
    {
        foreach (var server in Servers)
        {
            server.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // A server that has just been started is asked again until it answers.
    private async Task<string> AskAsync(int server, params string[] command)
    {
        while (true)
        {
            try
            {
                var stream = await RedisDial.OpenSocketAsync(Address, new("127.0.0.1", Servers[server].Port), CancellationToken.None);
                await using var connection = new RespConnection(stream, "a server of the benchmark", Address.AnswerLimit);
                return (await connection.AskAsync(RespWriting.Command(command))).ToString();
            }
            catch (Exception exception) when (exception is Faults.StoreUnavailableException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(10);
            }
        }
    }
}
