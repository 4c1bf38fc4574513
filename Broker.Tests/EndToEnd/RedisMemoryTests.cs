using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A Redis whose memory is full, or that removes keys then.</summary>
internal sealed class RedisMemoryTests
{
    private const string Well = """{"ok":true,"store":{"type":"redis","ok":true},"bus":{"ok":true}}""";
    private const string OfChannels = "\"publishes with history\",\"publishes with an idempotency key\",\"subscribes with presence\"";
    private const string OfStore = "\"locks\",\"grants\",\"advertisements\",\"logins\",\"apps\",\"publishes of agents and apps\",\"timers\"";
    private const string Full = $$$"""{"ok":true,"degraded":[{{{OfStore}}},{{{OfChannels}}}],"store":{"type":"redis","ok":true,"memory":"full"},"bus":{"ok":true,"memory":"full"}}""";
    private const string FullBeside = $$$"""{"ok":true,"degraded":[{{{OfChannels}}}],"store":{"type":"redis","ok":true},"bus":{"ok":true,"memory":"full"}}""";
    private const string Evicting = """{"ok":true,"store":{"type":"redis","ok":true,"memory":"evicting"},"bus":{"ok":true,"memory":"evicting"}}""";

    private static readonly RunningAnswer Refused = RunningAnswer.Error(503, "Redis is out of memory, try again later");

    [Test]
    public async Task Health_names_what_a_full_Redis_refuses_until_memory_is_free()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await StartBrokerAsync(redis.Address());
        await AwaitHealthAsync(broker, Well);

        for (var round = 0; round < 2; round++)
        {
            await FillAsync(redis);
            await AwaitHealthAsync(broker, Full);
            await FreeAsync(redis);
            await AwaitHealthAsync(broker, Well);
        }

        Assert.That(broker.Warnings.Count(warning => warning.Contains("is out of memory and refuses changes.", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(broker.Errors, Is.Empty);
    }

    [TestCase("/auth/dev-register", """{"username":"bob"}""")]
    [TestCase("/api/lock", """{"channel":"agent.alice.new"}""")]
    [TestCase("/api/grant", """{"channel":"agent.alice.locked","target":"carol"}""")]
    [TestCase("/api/advertise", """{"channel":"agent.alice.locked","description":"x"}""")]
    [TestCase("/api/apps", """{"name":"weather"}""")]
    [TestCase("/api/webhooks", """{"channel":"public.x","url":"https://example.com/"}""")]
    [TestCase("/api/publish", """{"channel":"public.x","payload":1}""")]
    public async Task A_change_that_a_full_Redis_refuses_is_a_503_that_says_why_and_works_later(string path, string body)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await StartBrokerAsync(redis.Address());
        var alice = await broker.RegisterAsync("alice");
        await broker.PostAsync("/api/lock", """{"channel":"agent.alice.locked"}""", alice);
        await FillAsync(redis);
        var before = await CountKeysAsync(redis);

        var refused = await broker.PostAsync(path, body, alice);
        var after = await CountKeysAsync(redis);
        await FreeAsync(redis);
        var done = await broker.PostAsync(path, body, alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Is.EqualTo(Refused));
            Assert.That(after, Is.EqualTo(before), "Nothing of a refused change is stored.");
            Assert.That(done.Status, Is.EqualTo(200).Or.EqualTo(201), done.Body);
            Assert.That(broker.Warnings.Count(warning => warning.Contains("are refused until then", StringComparison.Ordinal)), Is.EqualTo(1));
            Assert.That(broker.Warnings, Has.None.Contains("is away"), "It is full, and there.");
            Assert.That(broker.Errors, Is.Empty);
        }
    }

    [Test]
    public async Task A_refused_publication_is_not_in_the_history_and_the_next_one_has_its_offset()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await StartBrokerAsync(redis.Address());
        await broker.PublishAsync("rec:a", "1");
        var subscriber = await broker.ConnectAsync();
        await subscriber.SubscribeAsync("rec:a");
        await FillAsync(redis);

        var refused = await broker.PostWithKeyAsync("/api/publish", """{"channel":"rec:a","data":2}""");
        var ofSocket = await subscriber.AskAsync("""{"id":3,"publish":{"channel":"rec:a","data":2}}""");
        var once = await broker.PostWithKeyAsync("/api/publish", """{"channel":"open:a","data":2,"idempotency_key":"k"}""");
        var page = await ReadHistoryAsync(broker);
        await FreeAsync(redis);
        await broker.PublishAsync("rec:a", "3");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Is.EqualTo(Refused));
            Assert.That(ofSocket, Is.EqualTo("""{"id":3,"error":{"code":100,"message":"Redis is out of memory","temporary":true}}"""));
            Assert.That(once, Is.EqualTo(Refused));
            Assert.That(page, Is.EqualTo(new[] { "1 1" }));
            Assert.That(await subscriber.ReadPublicationAsync(), Is.EqualTo("3"));
            Assert.That(await ReadHistoryAsync(broker), Is.EqualTo(new[] { "1 1", "2 3" }));
        }
    }

    [Test]
    public async Task With_a_full_Redis_reads_deletes_and_publications_without_history_go_on()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await StartBrokerAsync(redis.Address());
        var alice = await broker.RegisterAsync("alice");
        await broker.PostAsync("/api/lock", """{"channel":"agent.alice.locked"}""", alice);
        await broker.PostAsync("/api/grant", """{"channel":"agent.alice.locked","target":"carol"}""", alice);
        var subscriber = await broker.ConnectAsync();
        await subscriber.SubscribeAsync("open:a");
        await FillAsync(redis);

        await broker.PublishAsync("open:a", "1");
        var locks = await broker.SendAsync(HttpMethod.Get, "/api/locks/alice", null);
        var revoked = await broker.PostAsync("/api/revoke", """{"channel":"agent.alice.locked","target":"carol"}""", alice);
        var unlocked = await broker.PostAsync("/api/unlock", """{"channel":"agent.alice.locked"}""", alice);
        var other = await broker.ConnectAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await subscriber.ReadPublicationAsync(), Is.EqualTo("1"));
            Assert.That(locks.Body, Does.Contain("agent.alice.locked"));
            Assert.That((revoked.Status, unlocked.Status), Is.EqualTo((200, 200)));
            Assert.That(await other.AskAsync("""{"id":2,"subscribe":{"channel":"open:a"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
            Assert.That(await other.AskAsync("""{"id":4,"subscribe":{"channel":"room:a"}}"""), Is.EqualTo("""{"id":4,"error":{"code":100,"message":"Redis is out of memory","temporary":true}}"""));
            Assert.That(await other.AskAsync("""{"id":3,"publish":{"channel":"open:a","data":2}}"""), Is.EqualTo("""{"id":3,"publish":{}}"""));
        }
    }

    [Test]
    public async Task Of_several_Redis_the_channels_of_the_full_one_are_degraded_and_the_store_is_not()
    {
        await using var first = await RunningRedis.StartAsync();
        await using var second = await RunningRedis.StartAsync();
        await using var broker = await StartBrokerAsync(first.Address(), second.Address());

        await FillAsync(second);
        await AwaitHealthAsync(broker, FullBeside);
        var token = await broker.RegisterAsync("alice");
        await FreeAsync(second);
        await AwaitHealthAsync(broker, Well);
        await FillAsync(first);
        await AwaitHealthAsync(broker, Full);

        Assert.That(token, Is.Not.Empty);
    }

    [Test]
    public async Task Of_a_cluster_the_server_with_the_store_is_told_from_the_others()
    {
        await using var cluster = await RunningCluster.StartAsync();
        await using var broker = await StartBrokerAsync(cluster.Address);
        await broker.RegisterAsync("alice");
        var counts = await Task.WhenAll(cluster.Primaries.Select(async primary => (await primary.AskAsync("KEYS", "{clawevents}:apikey:*")).Items.Length));

        foreach (var (primary, keys) in cluster.Primaries.Zip(counts))
        {
            await FillAsync(primary, cluster.Primaries.Count);
            await AwaitHealthAsync(broker, keys > 0 ? Full : FullBeside);
            await FreeAsync(primary);
            await AwaitHealthAsync(broker, Well);
        }

        Assert.That(counts.Order(), Is.EqualTo(new[] { 0, 0, 1 }));
    }

    [Test]
    public async Task A_policy_that_removes_keys_is_logged_once_and_shown_in_health()
    {
        await using var redis = await RunningRedis.StartAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        await using var broker = await StartBrokerAsync(redis.Address());

        await AwaitHealthAsync(broker, Evicting);
        await redis.AskAsync("CLIENT", "KILL", "TYPE", "normal");
        await AwaitHealthAsync(broker, Evicting);

        Assert.That(broker.Warnings.Count(warning => warning.Contains("removes keys when its memory is full", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    private static Task<RunningBroker> StartBrokerAsync(params RedisAddress[] redis) => RunningBroker.StartAsync(options => options with
    {
        State = options.State with { Redis = redis },
        Publishing = options.Publishing with { PublishesPerSecond = 1_000_000 },
        Namespaces = TestNamespaces.Of(("rec", TestNamespaces.History), ("open", TestNamespaces.Open), ("room", TestNamespaces.Open with { Presence = true })),
    });

    // A key takes all that is allowed, and more.
    private static async Task FillAsync(RunningRedis redis, int servers = 1)
    {
        await redis.AskAsync("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "8mb");
        var key = servers == 1 ? "filler" : await KeyOfAsync(redis);
        await redis.AskAsync("SETRANGE", key, (10 * 1024 * 1024).ToString(CultureInfo.InvariantCulture), "x");
    }

    private static async Task FreeAsync(RunningRedis redis) => await redis.AskAsync("DEL", (await redis.AskAsync("KEYS", "filler*")).Items[0].ToString());

    // A key that this server of a cluster has.
    private static async Task<string> KeyOfAsync(RunningRedis redis)
    {
        for (var i = 0; ; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"filler{i}");
            var slot = (await redis.AskAsync("CLUSTER", "KEYSLOT", key)).ToNumber();
            var id = await RunningCluster.IdOfAsync(redis);
            var shards = await redis.AskAsync("CLUSTER", "SLOTS");
            foreach (var range in shards.Items.ToArray())
            {
                if (slot >= range.Items[0].ToNumber() && slot <= range.Items[1].ToNumber() && range.Items[2].Items[2].ToString() == id)
                {
                    return key;
                }
            }
        }
    }

    private static Task<RunningAnswer> AwaitHealthAsync(RunningBroker broker, string body) => Eventually.GetAsync(
        async () => await broker.SendAsync(HttpMethod.Get, "/health", null), answer => answer == RunningAnswer.Json(200, body));

    private static async Task<long> CountKeysAsync(RunningRedis redis)
    {
        // A broker of its own accord writes only the second of its timers and its statistics.
        var keys = (await redis.AskAsync("KEYS", "*")).Items.ToArray().Select(key => key.ToString());
        return keys.Count(key => key is not "clawevents:timer-second" and not "clawevents:scanned" && !key.StartsWith("stats:", StringComparison.Ordinal) && !key.StartsWith("ratelimit:", StringComparison.Ordinal));
    }

    private static async Task<string[]> ReadHistoryAsync(RunningBroker broker)
    {
        var answer = await broker.PostWithKeyAsync("/api/history", """{"channel":"rec:a","limit":-1}""");
        using var json = JsonDocument.Parse(answer.Body);
        return [.. json.RootElement.GetProperty("result").GetProperty("publications").EnumerateArray().Select(publication => $"{publication.GetProperty("offset")} {publication.GetProperty("data")}")];
    }
}
