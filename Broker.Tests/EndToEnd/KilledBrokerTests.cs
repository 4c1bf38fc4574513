using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A broker that is killed in the middle of its work.</summary>
public sealed class KilledBrokerTests
{
    private const int Agents = 8;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-killed-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase(TestStore.Sqlite, 3, 1)]
    [TestCase(TestStore.Redis, 3, 2)]
    [TestCase(TestStore.Sqlite, 20, 3, Category = "Slow")]
    [TestCase(TestStore.Redis, 20, 4, Category = "Slow")]
    public async Task Acknowledged_changes_survive_a_kill(TestStore store, int kills, int seed)
    {
        await using var database = store is TestStore.Redis ? RedisDatabase.Take() : null;
        var random = new Random(seed);
        var agents = Enumerable.Range(0, Agents).Select(i => new AcknowledgedChanges($"agent{i}", seed + i)).ToList();
        var total = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            await using var broker = Start(database);
            using var http = await ConnectAsync(broker);

            // The tokens of the first run are used for all runs.
            await Task.WhenAll(agents.Select(agent => kill == 0 ? agent.RegisterAsync(http) : agent.VerifyAsync(http)));
            total += await KillAfterAsync(random.Next(1, 500), broker, http, agents);
        }

        await using var last = Start(database);
        using var client = await ConnectAsync(last);
        await Task.WhenAll(agents.Select(agent => agent.VerifyAsync(client)));
        await TestContext.Out.WriteLineAsync($"{store}: {kills} kills, {total} acknowledged changes, none lost");
    }

    private static async Task<int> KillAfterAsync(int changes, RunningProcess broker, HttpClient http, List<AcknowledgedChanges> agents)
    {
        var acknowledged = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Task.WhenAll(agents.Select(agent => agent.RunAsync(http, () =>
        {
            if (Interlocked.Increment(ref acknowledged) == changes)
            {
                enough.SetResult();
            }
        })));

        // A stream that ends by itself has failed; awaiting it says how.
        await (await Task.WhenAny(enough.Task, running).WaitAsync(RunningBroker.Patience));
        await broker.KillAsync();
        await running.WaitAsync(RunningBroker.Patience);
        return acknowledged;
    }

    private static async Task<HttpClient> ConnectAsync(RunningProcess broker) =>
        new() { BaseAddress = new Uri(Regex.Match(await broker.ReadLineAsync() ?? "", @"http://127\.0\.0\.1:\d+").Value), Timeout = RunningBroker.Patience };

    private RunningProcess Start(RedisDatabase? database) => BrokerProgram.StartBare(
        _folder.FullName,
        [],
        ("PORT", "0"),
        ("CLAW_HOST", "127.0.0.1"),
        ("CLAW_DEV_MODE", "true"),
        ("JWT_SECRET", TestToken.Secret),
        ("REDIS_URL", database?.Url ?? ""),
        ("CLAW_DATA_DIR", Path.Combine(_folder.FullName, "data")));
}
