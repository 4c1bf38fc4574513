using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A Redis Cluster of three primaries, each with a third of the slots, and of their replicas.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private const int PrimaryCount = 3;

    private readonly RunningRedis[] _servers;

    private RunningCluster(RunningRedis[] servers) => _servers = servers;

    public IReadOnlyList<RunningRedis> Primaries => _servers[..PrimaryCount];

    /// <summary>One for each primary, or none.</summary>
    public IReadOnlyList<RunningRedis> Replicas => _servers[PrimaryCount..];

    /// <summary>Names one server only: it knows the others.</summary>
    public RedisAddress Address => TestRedis.Address($"redis+cluster://{_servers[0].Endpoint}");

    /// <summary>Takes two seconds: no server of a cluster answers earlier.</summary>
    /// <param name="hasReplicas">One for each primary.</param>
    /// <param name="arguments">More settings of each server, as on its command line.</param>
    public static async Task<RunningCluster> StartAsync(bool hasReplicas = false, params string[] arguments)
    {
        var cluster = new RunningCluster(await Task.WhenAll(
            Enumerable.Range(0, hasReplicas ? 2 * PrimaryCount : PrimaryCount).Select(_ => StartServerAsync(arguments))));
        await Task.WhenAll(cluster.Primaries.Select((primary, i) => primary.AskAsync(
            "CLUSTER", "ADDSLOTSRANGE", Number(ChannelHash.Slots * i / PrimaryCount), Number((ChannelHash.Slots * (i + 1) / PrimaryCount) - 1))));
        foreach (var (near, i) in cluster._servers.Select((server, i) => (server, i)))
        {
            await near.AskAsync("CLUSTER", "SET-CONFIG-EPOCH", Number(i + 1));
            foreach (var far in cluster._servers[..i])
            {
                await near.AskAsync("CLUSTER", "MEET", far.Endpoint.Host, Number(far.Port));
            }
        }

        await cluster.AwaitAsync(cluster._servers.Length);
        await cluster.ReplicateAsync();
        return cluster;
    }

    /// <summary>The number of its first owner, when nothing has moved.</summary>
    public static int PrimaryOf(ChannelName channel)
    {
        var slot = ChannelKeys.SlotOf(channel);
        return Enumerable.Range(0, PrimaryCount).First(i => slot < ChannelHash.Slots * (i + 1) / PrimaryCount);
    }

    /// <summary>A server's name among the others.</summary>
    public static async Task<string> IdOfAsync(RunningRedis server) => (await server.AskAsync("CLUSTER", "MYID")).ToString();

    /// <summary>Has the slot's owner begin to give it away, and the other to take it.</summary>
    public static async Task OpenSlotAsync(int slot, RunningRedis from, RunningRedis to)
    {
        await to.AskAsync("CLUSTER", "SETSLOT", Number(slot), "IMPORTING", await IdOfAsync(from));
        await from.AskAsync("CLUSTER", "SETSLOT", Number(slot), "MIGRATING", await IdOfAsync(to));
    }

    /// <summary>Moves the keys that are there.</summary>
    public static async Task MoveKeysAsync(int slot, RunningRedis from, RunningRedis to)
    {
        var keys = (await from.AskAsync("CLUSTER", "GETKEYSINSLOT", Number(slot), "1000")).Items.ToArray().Select(key => key.ToString()).ToArray();
        if (keys.Length > 0)
        {
            await from.AskAsync(["MIGRATE", to.Endpoint.Host, Number(to.Port), "", "0", "5000", "KEYS", .. keys]);
        }
    }

    /// <summary>The other one is the owner from here on.</summary>
    public async Task CloseSlotAsync(int slot, RunningRedis to)
    {
        var id = await IdOfAsync(to);
        foreach (var server in Primaries.OrderBy(server => server != to))
        {
            await server.AskAsync("CLUSTER", "SETSLOT", Number(slot), "NODE", id);
        }
    }

    /// <summary>Removes all keys.</summary>
    public Task EmptyAsync() => Task.WhenAll(Primaries.Select(primary => primary.AskAsync("FLUSHALL")));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Servers of a cluster speak to each other at a port that is greater by 10,000. One whose own port is too great for that does not start, and another is tried.
    private static Task<RunningRedis> StartServerAsync(string[] arguments) => RunningRedis.StartAsync(
        ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0", .. arguments]);

    private Task<string[]> AwaitAsync(int servers) => Task.WhenAll(_servers.Select(server => Eventually.GetAsync(
        async () => (await server.AskAsync("CLUSTER", "INFO")).ToString(),
        info => info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains($"cluster_known_nodes:{Number(servers)}\r\n", StringComparison.Ordinal))));

    private async Task ReplicateAsync()
    {
        foreach (var (replica, primary) in Replicas.Zip(Primaries))
        {
            await replica.AskAsync("CLUSTER", "REPLICATE", await IdOfAsync(primary));
            await Eventually.GetAsync(
                async () => (await replica.AskAsync("INFO", "replication")).ToString(), info => info.Contains("master_link_status:up", StringComparison.Ordinal));
        }

        await Task.WhenAll(_servers.Select(server => Eventually.GetAsync(
            async () => (await server.AskAsync("CLUSTER", "SLOTS")).Items.ToArray(), ranges => ranges.All(range => Replicas.Count == 0 || range.Items.Length == 4))));
    }
}
