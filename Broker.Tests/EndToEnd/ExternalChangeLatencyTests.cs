using System.Diagnostics;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The time until both nodes answer according to a change that another program made in Redis by a plain command.</summary>
[NonParallelizable]
public sealed class ExternalChangeLatencyTests
{
    private const string Single = "single answer";
    private const string List = "list";
    private const string Search = "search";
    private const string Locks = "list of locks";
    private const string Permission = "permission";

    private readonly Dictionary<string, List<TimeSpan>> _took = [];

    [TestCase(20)]
    [TestCase(200, Category = "Slow")]
    public async Task A_change_by_another_program_is_in_the_answers_of_all_nodes_within_a_second(int changes)
    {
        await using var nodes = await TwoNodes.StartAsync(options => options with { Addresses = new() { Searches = BucketRule.Unlimited } });
        await ChangeAdvertisementAsync(nodes, "warm");
        await ChangeLockAsync(nodes, "warm");
        _took.Clear();
        for (var i = 0; i < changes; i += 10)
        {
            await ChangeAdvertisementAsync(nodes, $"t{i}");
            await ChangeLockAsync(nodes, $"t{i}");
        }

        foreach (var (answer, took) in _took)
        {
            took.Sort();
            await TestContext.Out.WriteLineAsync($"{answer}: {took.Count} times, p50 {Percentile(took, 50):F1} ms, p99 {Percentile(took, 99):F1} ms, longest {took[^1].TotalMilliseconds:F1} ms");
        }

        Assert.That(_took.Values.Max(took => took[^1]), Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    private static double Percentile(List<TimeSpan> took, int percent) => took[((took.Count * percent) + 99) / 100 - 1].TotalMilliseconds;

    private async Task ChangeAdvertisementAsync(TwoNodes nodes, string topic)
    {
        var key = $"advertise:alice:{topic}";
        foreach (var text in new[] { "first", "second", "third", "fourth" })
        {
            await nodes.Database.Keys.ExecuteAsync("SET", key, $$"""{"channel":"agent.alice.{{topic}}","description":"{{text}} of {{topic}}.","schema":null,"updatedAt":1}""");
            await AwaitAdvertisementAsync(nodes, topic, $"{text} of {topic}.", isThere: true);
        }

        await nodes.Database.Keys.ExecuteAsync("DEL", key);
        await AwaitAdvertisementAsync(nodes, topic, $"fourth of {topic}.", isThere: false);
    }

    private async Task ChangeLockAsync(TwoNodes nodes, string topic)
    {
        foreach (var (command, isLocked, isAllowed) in new (string[] Command, bool IsLocked, bool IsAllowed)[]
        {
            (["SET", $"locked:alice:{topic}", "1"], true, false),
            (["SADD", $"perm:alice:{topic}", "bob"], true, true),
            (["SREM", $"perm:alice:{topic}", "bob"], true, false),
            (["DEL", $"locked:alice:{topic}"], false, true),
            (["SET", $"locked:alice:{topic}", "2"], true, false),
        })
        {
            await nodes.Database.Keys.ExecuteAsync(command[0], command[1..]);
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(nodes.Both.SelectMany(node => new[]
            {
                AwaitAsync(Locks, begun, node, "/api/locks/alice", answer => answer.Contains($"\"agent.alice.{topic}\"", StringComparison.Ordinal) == isLocked),
                AwaitAsync(Permission, begun, () => node.PostAsync("/proxy/subscribe", $$"""{"channel":"agent.alice.{{topic}}","user":"bob"}"""), answer => !answer.Contains("error", StringComparison.Ordinal) == isAllowed),
            }));
        }
    }

    private Task AwaitAdvertisementAsync(TwoNodes nodes, string topic, string text, bool isThere)
    {
        var begun = Stopwatch.GetTimestamp();
        return Task.WhenAll(nodes.Both.SelectMany(node => new[]
        {
            AwaitAsync(Single, begun, node, $"/api/advertise/alice/{topic}", HasText),
            AwaitAsync(List, begun, node, "/api/advertise/alice", HasText),
            AwaitAsync(Search, begun, node, $"/api/advertise/search?q={Uri.EscapeDataString(text)}", answer => answer.Contains("\"channel\"", StringComparison.Ordinal) == isThere),
        }));

        bool HasText(string answer) => answer.Contains(text, StringComparison.Ordinal) == isThere;
    }

    private Task AwaitAsync(string what, long begun, RunningBroker node, string path, Func<string, bool> isRight) =>
        AwaitAsync(what, begun, () => node.SendAsync(HttpMethod.Get, path, null), isRight);

    private async Task AwaitAsync(string what, long begun, Func<Task<RunningAnswer>> ask, Func<string, bool> isRight)
    {
        var answer = await ask();
        while (!isRight(answer.Body))
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), $"{what}: it stayed {answer.Body}.");
            await Task.Yield();
            answer = await ask();
        }

        var took = Stopwatch.GetElapsedTime(begun);
        lock (_took)
        {
            (_took.TryGetValue(what, out var all) ? all : _took[what] = []).Add(took);
        }
    }
}
