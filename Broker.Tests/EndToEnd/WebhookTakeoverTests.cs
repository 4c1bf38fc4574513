using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Webhooks of nodes that are programs of their own, on a real Redis, when a node stops or dies in the middle of deliveries.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WebhookTakeoverTests : IAsyncDisposable
{
    private const string Channel = "kept:news";
    private const int Publications = 200;
    private const int Webhooks = 20;

    private static readonly (string Name, string Value)[] Settings =
        [("WebhookAllowedNetworks", "127.0.0.0/8"), ("WebhookAllowHttp", "true"), ("MaxWebhooksPerOwner", "50")];

    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task A_broker_that_is_killed_and_started_again_in_the_middle_loses_nothing()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        await using (var node = await StartAsync())
        {
            await AddAsync(node, await RegisterAsync(node), receiver.Url);
            await PublishAsync(node, 0, Publications);
            await Eventually.IsTrueAsync(() => receiver.Accepted.Count > Publications / 4);
            await node.KillAsync();
        }

        await using var again = await StartAsync();
        await PublishAsync(again, Publications, 1);

        await HasAllAsync(receiver, Publications + 1);
    }

    [Test]
    public async Task A_broker_that_is_stopped_and_started_again_in_the_middle_loses_nothing()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        await using (var node = await StartAsync())
        {
            await AddAsync(node, await RegisterAsync(node), receiver.Url);
            await PublishAsync(node, 0, Publications);
            await Eventually.IsTrueAsync(() => receiver.Accepted.Count > Publications / 4);
            await node.TerminateAsync();
            await node.WaitForExitAsync();
        }

        await using var again = await StartAsync();

        await HasAllAsync(receiver, Publications);
    }

    [Test]
    public async Task A_Redis_that_is_killed_with_its_log_and_started_again_loses_nothing()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        await using var redis = await RunningRedis.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var node = await NodeProgram.StartAsync(redis.Url(), Settings);
        await AddAsync(node, await RegisterAsync(node), receiver.Url);
        await PublishAsync(node, 0, Publications);
        await Eventually.IsTrueAsync(() => receiver.Accepted.Count > Publications / 4);

        await redis.KillAsync();
        await redis.StartAgainAsync();

        await HasAllAsync(receiver, Publications);
    }

    [Test]
    public async Task Another_node_takes_over_the_webhooks_of_one_that_is_killed()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await AddSomeAsync(first, receiver);

        await PublishAsync(first, 0, 50);
        await Eventually.IsTrueAsync(() => receiver.Accepted.Count > Webhooks);
        await first.KillAsync();
        await PublishAsync(second, 50, 50);

        await HaveAllAsync(receiver, 100);
    }

    [Test]
    public async Task A_node_that_sleeps_through_its_lease_loses_its_webhooks_and_moves_no_cursor_when_it_wakes()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var token = await AddSomeAsync(first, receiver);
        await PublishAsync(first, 0, 50);
        await Eventually.IsTrueAsync(() => receiver.Accepted.Count > Webhooks);

        await first.PauseAsync();
        await PublishAsync(second, 50, 50);
        await HaveAllAsync(receiver, 100);
        await first.ContinueAsync();
        await PublishAsync(second, 100, 10);
        await HaveAllAsync(receiver, 110);

        await Eventually.IsTrueAsync(async () => (await CursorsAsync(second, token)).All(offset => offset == 110));
    }

    // Of so many webhooks each of the two nodes has some, almost surely: 1 in 2^19 of all runs would show nothing.
    private static async Task<string> AddSomeAsync(NodeProgram node, RunningReceiver receiver)
    {
        var token = await RegisterAsync(node);
        for (var i = 0; i < Webhooks; i++)
        {
            await AddAsync(node, token, receiver.Url);
        }

        return token;
    }

    // In the first order of each; some may have come twice.
    private static async Task HaveAllAsync(RunningReceiver receiver, int publications)
    {
        await Eventually.IsTrueAsync(() => OffsetsByWebhook(receiver).Values.Count(offsets => offsets.Contains(publications)) == Webhooks);
        foreach (var (webhook, offsets) in OffsetsByWebhook(receiver))
        {
            Assert.That(offsets.Distinct(), Is.EqualTo(Enumerable.Range(1, publications)), webhook);
        }
    }

    private static async Task<int[]> CursorsAsync(NodeProgram node, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/webhooks");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await node.Http.SendAsync(request);
        return [.. JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("webhooks").EnumerateArray().Select(webhook => webhook.GetProperty("offset").GetInt32())];
    }

    private static Dictionary<string, int[]> OffsetsByWebhook(RunningReceiver receiver) => receiver.Accepted
        .Select(message => message.Json)
        .GroupBy(json => json.GetProperty("webhook").GetString()!, json => json.GetProperty("offset").GetInt32(), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

    // In the first order of each; some may have come twice.
    private static async Task HasAllAsync(RunningReceiver receiver, int publications)
    {
        await Eventually.IsTrueAsync(() => receiver.Numbers.Contains(publications - 1));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(receiver.Numbers.Distinct(), Is.EqualTo(Enumerable.Range(0, publications)));
            Assert.That(receiver.Numbers, Has.Count.LessThanOrEqualTo(publications + 1), "Only the one on its way is repeated.");
            Assert.That(receiver.Accepted.Select(message => message.Type), Is.All.EqualTo("publication"));
            Assert.That(receiver.Accepted.DistinctBy(message => message.Id).Count(), Is.EqualTo(publications));
        }
    }

    private Task<NodeProgram> StartAsync() => NodeProgram.StartAsync(_database.Url, Settings);

    private static async Task<string> RegisterAsync(NodeProgram node) =>
        (await PostAsync(node, "/auth/dev-register", """{"username":"alice"}""")).GetProperty("token").GetString()!;

    private static Task<JsonElement> AddAsync(NodeProgram node, string token, string url) =>
        PostAsync(node, "/api/webhooks", $$"""{"channel":"{{Channel}}","url":"{{url}}"}""", new("Bearer", token));

    private static async Task PublishAsync(NodeProgram node, int first, int count)
    {
        for (var n = first; n < first + count; n++)
        {
            await PostAsync(node, "/api/publish", $$$"""{"channel":"{{{Channel}}}","data":{"n":{{{n}}}}}""", new("apikey", RunningBroker.Key));
        }
    }

    private static async Task<JsonElement> PostAsync(NodeProgram node, string path, string body, AuthenticationHeaderValue? proof = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = proof;
        using var response = await node.Http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, answer);
        return JsonElement.Parse(answer);
    }
}
