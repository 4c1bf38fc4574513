using System.Globalization;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A primary, its replica, and Sentinels that watch them.</summary>
internal sealed class RunningSentinels : IAsyncDisposable
{
    private const string Master = "main";

    private readonly List<(RunningProcess Process, RedisEndpoint Endpoint, DirectoryInfo Folder)> _sentinels = [];
    private readonly string? _password;

    private RunningSentinels(RunningRedis primary, RunningRedis replica, string? password) => (Primary, Replica, _password) = (primary, replica, password);

    /// <summary>The primary at the start.</summary>
    public RunningRedis Primary { get; }

    public RunningRedis Replica { get; }

    public RedisAddress Address
    {
        get
        {
            var user = _password is null ? "" : $":{_password}@";
            var more = string.Concat(_sentinels.Skip(1).Select(sentinel => $"&addr={sentinel.Endpoint}"));
            return TestRedis.Address($"redis+sentinel://{user}{_sentinels[0].Endpoint}?master={Master}{more}");
        }
    }

    /// <param name="count">Of Sentinels; most of them have to agree.</param>
    /// <param name="password">Of the servers; the Sentinels ask for none.</param>
    public static async Task<RunningSentinels> StartAsync(int count = 1, string? password = null)
    {
        string[] access = password is null ? [] : ["--masterauth", password, "--requirepass", password];
        var primary = await RunningRedis.StartAsync(["--repl-diskless-sync-delay", "0", .. access]);
        var replica = await RunningRedis.StartAsync(["--replicaof", $"127.0.0.1 {primary.Port.ToString(CultureInfo.InvariantCulture)}", .. access]);
        var sentinels = new RunningSentinels(primary, replica, password);
        try
        {
            await sentinels.StartSentinelsAsync(count);
            return sentinels;
        }
        catch
        {
            await sentinels.DisposeAsync();
            throw;
        }
    }

    /// <summary>The primary according to a Sentinel.</summary>
    public async Task<RedisEndpoint> AskAsync(int sentinel = 0)
    {
        var answer = await TestRedis.AskAsync(_sentinels[sentinel].Endpoint, null, "SENTINEL", "get-master-addr-by-name", Master);
        return new(answer.Items[0].ToString(), (int)answer.Items[1].ToNumber());
    }

    /// <summary>Swaps the roles of primary and replica, as planned by an operator.</summary>
    public Task FailOverAsync() => TestRedis.AskAsync(_sentinels[0].Endpoint, null, "SENTINEL", "FAILOVER", Master);

    /// <summary>Waits until the replica takes writes.</summary>
    public Task<TimeSpan> AwaitReplicaAsPrimaryAsync() => Eventually.IsTrueAsync(() => IsAsync(Replica, "master"), "the replica is not made the primary");

    /// <param name="server">Sentinels close its connections when they change its role: then it is neither.</param>
    /// <param name="role"><c>master</c> or <c>slave</c>.</param>
    public static async Task<bool> IsAsync(RunningRedis server, string role)
    {
        try
        {
            return (await server.AskAsync("ROLE")).Items[0].ToString() == role;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>From here on the replica does not get the primary's writes. They need a password.</summary>
    public async Task LeaveReplicaBehindAsync()
    {
        await Replica.AskAsync("CONFIG", "SET", "masterauth", "a wrong one");
        await Primary.AskAsync("CLIENT", "KILL", "TYPE", "replica");
        await Eventually.IsTrueAsync(async () => (await Primary.AskAsync("INFO", "replication")).ToString().Contains("connected_slaves:0", StringComparison.Ordinal));
    }

    /// <summary>Sends SIGKILL.</summary>
    public Task KillAsync(int sentinel) => _sentinels[sentinel].Process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var (process, _, folder) in _sentinels)
        {
            await process.DisposeAsync();
            folder.Delete(recursive: true);
        }

        await Replica.DisposeAsync();
        await Primary.DisposeAsync();
    }

    private async Task StartSentinelsAsync(int count)
    {
        await AwaitReplicaAsync();
        for (var i = 0; i < count; i++)
        {
            await AddAsync((count / 2) + 1);
        }

        await AwaitSentinelsAsync();
    }

    private async Task AddAsync(int quorum)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-sentinel-");
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var port = RunningRedis.FreePort();
            var file = Path.Combine(folder.FullName, "sentinel.conf");
            await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
                port {port}
                bind 127.0.0.1
                sentinel monitor {Master} 127.0.0.1 {Primary.Port} {quorum}
                sentinel down-after-milliseconds {Master} 500
                sentinel failover-timeout {Master} 2000
                {(_password is null ? "" : $"sentinel auth-pass {Master} {_password}")}

                """));
            var process = RunningProcess.Start("redis-server", [file, "--sentinel"], folder.FullName);
            if (await IsWatchingAsync(process))
            {
                _sentinels.Add((process, new("127.0.0.1", port), folder));
                return;
            }

            await process.DisposeAsync();
        }

        Assert.Fail("redis-server --sentinel does not start.");
    }

    private static async Task<bool> IsWatchingAsync(RunningProcess process)
    {
        while (await process.ReadLineAsync() is { } line)
        {
            if (line.Contains("+monitor", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private Task<string> AwaitReplicaAsync() => Eventually.GetAsync(
        async () => (await Replica.AskAsync("INFO", "replication")).ToString(), info => info.Contains("master_link_status:up", StringComparison.Ordinal));

    // They know the replica and each other.
    private Task<string[]> AwaitSentinelsAsync() => Task.WhenAll(_sentinels.Select(sentinel => Eventually.GetAsync(
        async () => (await TestRedis.AskAsync(sentinel.Endpoint, null, "INFO", "sentinel")).ToString(),
        info => info.Contains(string.Create(CultureInfo.InvariantCulture, $"slaves=1,sentinels={_sentinels.Count}"), StringComparison.Ordinal))));
}
