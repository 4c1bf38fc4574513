using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two nodes, programs of their own, under each fault of the bus between them, while clients follow and publish on both.</summary>
/// <remarks>Each test ends with a comparison of acknowledged publications with those that every client received (<see cref="FollowingCheck"/>).</remarks>
public sealed class NodeFaultsTests
{
    /// <summary>On a machine that runs all tests in parallel, everything takes longer: a test fails at this multiple of the promised time.</summary>
    private const int Busy = 4;

    private static readonly TimeSpan HealthBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BackBound = TimeSpan.FromSeconds(5);
    private static readonly string[] Durable = ["--appendonly", "yes", "--appendfsync", "always"];

    [TestCase(1)]
    [TestCase(10, Category = "Slow")]
    public async Task A_killed_Redis_with_its_log_loses_no_acknowledged_publication(int kills)
    {
        await using var redis = await RunningRedis.StartAsync(Durable);
        await using var fleet = await RunningFleet.StartAsync([redis.Url(), redis.Url()]);
        var token = await RegisterAsync(fleet.Nodes[0]);
        for (var kill = 0; kill < kills; kill++)
        {
            await redis.KillAsync();
            var sick = await AwaitSickAsync([.. fleet.Nodes]);
            await AssertRefusedAsync(fleet.Nodes[0], fleet.Clients[0], token);
            await redis.StartAgainAsync();
            await AwaitBackAsync("killed and started again", fleet, sick);
        }

        await fleet.VerifyAsync();
        await TestContext.Out.WriteLineAsync(fleet.Describe());
    }

    [Test]
    public async Task A_killed_Redis_without_its_data_makes_every_client_start_again()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var fleet = await RunningFleet.StartAsync([redis.Url(), redis.Url()]);
        var before = fleet.Publishers[0].Acknowledged.First().Epoch;

        await redis.KillAsync();
        var sick = await AwaitSickAsync([.. fleet.Nodes]);
        await redis.StartAgainAsync();
        await AwaitBackAsync("killed and started again with nothing", fleet, sick);

        await fleet.VerifyAsync(mayLoseHistory: true);
        Assert.That(fleet.Clients.Select(client => client[RunningFleet.Kept].Gaps), Is.All.EqualTo(1), "recovered: false");
        Assert.That(fleet.Publishers[0].Acknowledged.Last().Epoch, Is.Not.EqualTo(before));
    }

    [TestCase(1)]
    [TestCase(10, Category = "Slow")]
    public async Task A_paused_Redis_is_an_error_and_later_continues(int pauses)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var fleet = await RunningFleet.StartAsync([redis.Url(), redis.Url()]);
        var token = await RegisterAsync(fleet.Nodes[0]);
        for (var pause = 0; pause < pauses; pause++)
        {
            await redis.StopAsync();
            var sick = await AwaitSickAsync([.. fleet.Nodes]);
            await AssertRefusedAsync(fleet.Nodes[0], fleet.Clients[0], token);
            await redis.ContinueAsync();
            await AwaitBackAsync("paused", fleet, sick);
        }

        await fleet.VerifyAsync();
        Assert.That(fleet.Clients.Select(client => client[RunningFleet.Passing].Gaps), Is.All.LessThanOrEqualTo(pauses), "notified once at most, and never when the connection survived the pause");
        Assert.That(fleet.Clients.Select(client => client.Losses), Is.All.Zero, "connections stay open");
    }

    [TestCase(3)]
    [TestCase(50, Category = "Slow")]
    public async Task Killed_subscriptions_of_nodes_are_restored_and_clients_learn_of_gaps(int kills)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var fleet = await RunningFleet.StartAsync([redis.Url(), redis.Url()]);
        using var operators = await redis.ConnectAsync();
        var longest = TimeSpan.Zero;
        for (var kill = 1; kill <= kills; kill++)
        {
            await operators.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            var told = kill;
            await Eventually.IsTrueAsync(() => fleet.Clients.All(client => client[RunningFleet.Passing].Gaps == told), "a client is not notified");
            longest = Longer(longest, await fleet.AwaitDeliveryAsync([.. fleet.Nodes]));
        }

        await fleet.VerifyAsync();
        await TestContext.Out.WriteLineAsync($"subscriptions killed: all deliver again after {longest.TotalMilliseconds:F0} ms at most. {fleet.Describe()}");
        Assert.That(longest, Is.LessThan(Busy * BackBound));
        Assert.That(fleet.Publishers.Sum(publisher => publisher.Statuses.GetValueOrDefault(503)), Is.Zero, "publishing goes on meanwhile");
    }

    [Test]
    public async Task Clients_of_a_killed_node_reconnect_to_the_other_and_recover()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var fleet = await RunningFleet.StartAsync([redis.Url(), redis.Url()]);
        var (dead, alive) = (fleet.Nodes[0], fleet.Nodes[1]);

        fleet.LeadClientsTo(alive);
        var begun = Stopwatch.GetTimestamp();
        await dead.KillAsync();
        await Eventually.IsTrueAsync(() => fleet.Clients[0].Losses > 0, "the client does not lose its node");
        await fleet.AwaitDeliveryAsync(alive);
        await TestContext.Out.WriteLineAsync($"a node killed: its clients are back on the other after {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F0} ms");

        await fleet.VerifyAsync(mayLoseHistory: false, dead);
        Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(Busy * BackBound));
    }

    [Test]
    [Category("Slow")]
    public async Task Presence_of_the_clients_of_a_killed_node_expires()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var dead = await NodeProgram.StartAsync(redis.Url());
        await using var alive = await NodeProgram.StartAsync(redis.Url());
        await using var goer = new FollowingClient(() => dead.Url, null, RunningFleet.Kept);
        await using var stayer = new FollowingClient(() => alive.Url, null, RunningFleet.Kept);
        await goer.AwaitSubscribedAsync();
        await stayer.AwaitSubscribedAsync();
        var before = await CountPresentAsync(alive);

        await dead.KillAsync();
        var atOnce = await CountPresentAsync(alive);
        var took = await Eventually.IsTrueAsync(async () => await CountPresentAsync(alive) == 1, "presence stays", TimeSpan.FromSeconds(60 + 30));

        await TestContext.Out.WriteLineAsync($"presence of a dead node's client ran out after {took.TotalSeconds:F1} s");
        Assert.That((before, atOnce), Is.EqualTo((2, 2)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_node_without_Redis_refuses_and_the_other_node_goes_on(bool isSilent)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var way = new RunningForwarder(redis.Port);
        await using var fleet = await RunningFleet.StartAsync([$"redis://127.0.0.1:{way.Port}", redis.Url()]);
        var (cut, whole) = (fleet.Nodes[0], fleet.Nodes[1]);
        var token = await RegisterAsync(cut);

        (isSilent ? (Action)way.Hold : way.Close)();
        var sick = await AwaitSickAsync(cut);
        await AssertRefusedAsync(cut, fleet.Clients[0], token);
        using var health = await whole.Http.GetAsync(new Uri("/health", UriKind.Relative));
        way.Release();
        await AwaitBackAsync(isSilent ? "a node without Redis, silently" : "a node without Redis, connections closed", fleet, sick);

        await fleet.VerifyAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)health.StatusCode, Is.EqualTo(200));
            Assert.That(fleet.Publishers.Skip(2).SelectMany(publisher => publisher.Statuses.Keys), Is.All.EqualTo(200), "the other node");
            Assert.That(fleet.Clients.Select(client => client[RunningFleet.Passing].Gaps), Is.EqualTo(new[] { 1, 0 }));
            Assert.That(fleet.Clients.Select(client => client.Losses), Is.All.Zero, "connections stay open");
        }
    }

    [Test]
    public async Task Thousands_of_channels_are_restored_in_batches()
    {
        const int Count = 20;
        const int ChannelsEach = 100;
        await using var redis = await RunningRedis.StartAsync();
        await using var node = await NodeProgram.StartAsync(redis.Url());
        var clients = Enumerable.Range(0, Count).Select(client => new FollowingClient(
            () => node.Url, null, [.. Enumerable.Range(0, ChannelsEach).Select(i => $"kept:{client}-{i}")])).ToList();
        await Task.WhenAll(clients.Select(client => client.AwaitSubscribedAsync()));

        await redis.KillAsync();
        await RunningFleet.AwaitHealthAsync(node, 503);
        await redis.StartAgainAsync();
        var begun = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(() => clients.TrueForAll(client => client.Channels.All(channel => channel.Gaps == 1)), "a channel does not come back");
        var took = Stopwatch.GetElapsedTime(begun);
        var commands = await CountSubscribesAsync(redis);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));

        await TestContext.Out.WriteLineAsync($"{Count * ChannelsEach} channels were back {took.TotalMilliseconds:F0} ms after Redis, with {commands} SUBSCRIBE commands");
        Assert.That(took, Is.LessThan(Busy * BackBound));

        // Six when nothing else runs. Clients that return after a name has been left cause a new subscription, batched with others of that moment.
        Assert.That(commands, Is.LessThan(Count * ChannelsEach / 2));
    }

    private static async Task<int> CountSubscribesAsync(RunningRedis redis)
    {
        using var operators = await redis.ConnectAsync();
        var statistics = (string)(await operators.GetDatabase().ExecuteAsync("INFO", "commandstats"))!;
        var calls = statistics.Split("\r\n").Single(line => line.StartsWith("cmdstat_subscribe:", StringComparison.Ordinal));
        return int.Parse(calls.Split("calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<TimeSpan> AwaitSickAsync(params NodeProgram[] nodes)
    {
        var times = await Task.WhenAll(nodes.Select(node => RunningFleet.AwaitHealthAsync(node, 503)));
        return times.Max();
    }

    private static async Task AwaitBackAsync(string fault, RunningFleet fleet, TimeSpan sick)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(fleet.Nodes.Select(node => RunningFleet.AwaitHealthAsync(node, 200)));
        var well = Stopwatch.GetElapsedTime(begun);
        await fleet.AwaitDeliveryAsync([.. fleet.Nodes]);
        var back = Stopwatch.GetElapsedTime(begun);
        await TestContext.Out.WriteLineAsync(
            $"{fault}: /health 503 after {sick.TotalMilliseconds:F0} ms; back: /health 200 after {well.TotalMilliseconds:F0} ms, all delivered after {back.TotalMilliseconds:F0} ms");
        Assert.That(sick, Is.LessThan(Busy * HealthBound));
        Assert.That(back, Is.LessThan(Busy * BackBound));
    }

    // Through each door, with history and without.
    private static async Task AssertRefusedAsync(NodeProgram node, FollowingClient client, string token)
    {
        foreach (var channel in (string[])[RunningFleet.Kept, RunningFleet.Passing])
        {
            var ofServerApi = await node.Http.PublishAsync(channel, $"refused-{Guid.NewGuid()}");
            var ofSocket = await client.AskAsync("publish", $$"""{"channel":"{{channel}}","data":"refused-{{Guid.NewGuid()}}"}""");
            Assert.That(ofServerApi.Status, Is.EqualTo(503), channel);
            Assert.That(
                ofSocket.GetProperty("error").GetRawText(), Is.EqualTo("""{"code":100,"message":"store unavailable","temporary":true}"""), channel);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish");
        request.Content = new StringContent("""{"channel":"public.a","payload":1}""");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await node.Http.SendAsync(request);
        Assert.That((int)answer.StatusCode, Is.EqualTo(503));
    }

    private static async Task<string> RegisterAsync(NodeProgram node)
    {
        using var content = new StringContent("""{"username":"alice"}""", Encoding.UTF8, "application/json");
        using var answer = await node.Http.PostAsync(new Uri("/auth/dev-register", UriKind.Relative), content);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("token").GetString()!;
    }

    private static async Task<int> CountPresentAsync(NodeProgram node)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/presence_stats");
        request.Content = new StringContent($$"""{"channel":"{{RunningFleet.Kept}}"}""");
        request.Headers.Add("X-API-Key", RunningBroker.Key);
        using var answer = await node.Http.SendAsync(request);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("result").GetProperty("num_clients").GetInt32();
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
