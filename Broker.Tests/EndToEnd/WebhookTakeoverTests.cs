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
    public async Task Another_node_takes_over_the_webhooks_of_one_that_is_killed()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        // Of so many webhooks each of the two nodes has some, almost surely: 1 in 2^19 of all runs would show nothing.
        const int webhooks = 20;
        var token = await RegisterAsync(first);
        for (var i = 0; i < webhooks; i++)
        {
            await AddAsync(first, token, receiver.Url);
        }

        await PublishAsync(first, 0, 50);
        await Eventually.IsTrueAsync(() => receiver.Accepted.Count > webhooks);
        await first.KillAsync();
        await PublishAsync(second, 50, 50);

        await Eventually.IsTrueAsync(() => OffsetsByWebhook(receiver).Values.Count(offsets => offsets.Contains(100)) == webhooks);
        foreach (var (webhook, offsets) in OffsetsByWebhook(receiver))
        {
            Assert.That(offsets.Distinct(), Is.EqualTo(Enumerable.Range(1, 100)), webhook);
        }
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
