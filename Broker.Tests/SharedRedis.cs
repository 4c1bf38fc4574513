using System.Collections.Concurrent;
using ClawEvents.Broker.Tests.Support.Servers;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests;

/// <summary>Redis servers for all tests that do no harm to them; each takes a database of its own, or for a while the whole cluster.</summary>
[SetUpFixture]
internal sealed class SharedRedis
{
    private static readonly Lazy<(RunningRedis Server, ConnectionMultiplexer Connection)> Started = new(() => StartAsync().GetAwaiter().GetResult());

    private static readonly Lazy<RunningRedis> Other = new(() => RunningRedis.StartAsync().GetAwaiter().GetResult());

    // Two, because those who wait for one keep the other workers from running.
    private static readonly ConcurrentBag<Lazy<RunningCluster>> Clusters = [NewCluster(), NewCluster()];
    private static readonly Lazy<RunningCluster>[] AllClusters = [.. Clusters];
    private static readonly SemaphoreSlim ClusterTurn = new(AllClusters.Length);

    // Some dozens of tests take it, each for some tenths of a second.
    private static readonly TimeSpan ClusterPatience = TimeSpan.FromMinutes(2);

    private static int _databases = -1;

    /// <summary>Started when it is first asked for.</summary>
    public static RunningRedis Server => Started.Value.Server;

    public static ConnectionMultiplexer Connection => Started.Value.Connection;

    /// <summary>One that <see cref="Server"/> knows nothing of.</summary>
    public static RunningRedis OtherServer => Other.Value;

    /// <summary>Waits until there is one that nobody else has.</summary>
    public static RunningCluster TakeCluster()
    {
        Assert.That(ClusterTurn.Wait(ClusterPatience), Is.True, "Somebody keeps the clusters.");
        Assert.That(Clusters.TryTake(out var cluster), Is.True);
        try
        {
            return cluster!.Value;
        }
        catch
        {
            Return(cluster!);
            throw;
        }
    }

    /// <summary>After <see cref="TakeCluster"/>; it is empty.</summary>
    public static void ReturnCluster(RunningCluster cluster) => Return(Array.Find(AllClusters, one => one.IsValueCreated && one.Value == cluster)!);

    /// <summary>The number of a database that nobody else has.</summary>
    public static int NextDatabase() => Interlocked.Increment(ref _databases) % RunningRedis.Databases;

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (Started.IsValueCreated)
        {
            Connection.Dispose();
            await Server.DisposeAsync();
        }

        foreach (var server in (IAsyncDisposable?[])[Other.IsValueCreated ? Other.Value : null, .. AllClusters.Select(cluster => cluster.IsValueCreated ? cluster.Value : null)])
        {
            await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private static Lazy<RunningCluster> NewCluster() => new(() => RunningCluster.StartAsync().GetAwaiter().GetResult());

    private static void Return(Lazy<RunningCluster> cluster)
    {
        Clusters.Add(cluster);
        ClusterTurn.Release();
    }

    private static async Task<(RunningRedis Server, ConnectionMultiplexer Connection)> StartAsync()
    {
        var server = await RunningRedis.StartAsync();
        return (server, await server.ConnectAsync());
    }
}
