using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>A Redis that refuses a node, or is of another kind than its address.</summary>
internal sealed class RedisAccessFaultTests
{
    private const string Password = "p@ss/word, hush";

    // As docs/how-to/use-redis.md says.
    private static readonly string[] BrokersRights = ["~*", "&clawevents:*", "+@all", "-@dangerous", "+info"];

    [Test]
    public async Task Nodes_connect_with_the_right_password()
    {
        await using var redis = await RunningRedis.StartAsync("--requirepass", Password);
        await using var node = new RunningNode(TestRedis.Address(redis.Url(userInfo: $":{Uri.EscapeDataString(Password)}@")));
        var channel = TestChannel.Named("public.x");

        await node.Bus.SubscribeAsync(channel);
        await node.PublishAsync(channel, "a");

        await node.Deliveries.WaitForAsync(1);
        Assert.That(await node.Bus.FindFaultAsync(), Is.Null);
    }

    [TestCase("")]
    [TestCase("?force_resp2=true", "&__redis__:invalidate")]
    public async Task Nodes_and_store_sign_in_as_a_user_who_may_do_what_they_need(string query, params string[] more)
    {
        await using var redis = await RunningRedis.StartAsync(["--user", "default", "off", "--user", "broker", "on", $">{Password}", .. BrokersRights, .. more]);
        var address = TestRedis.Address(redis.Url(userInfo: $"broker:{Uri.EscapeDataString(Password)}@") + query);
        await using var node = new RunningNode(address);
        await using var store = new RedisStateStore(await RedisConnection.OpenAsync(address), node.Feed, TimeProvider.System, NullLogger<RedisStateStore>.Instance);
        var channel = TestChannel.Named("agent.alice.x");

        await node.Bus.SubscribeAsync(channel);
        await node.PublishAsync(channel, "a", new(10, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)));
        await store.LockAsync(channel);

        await node.Deliveries.WaitForAsync(1);
        Assert.That(await node.Bus.FindFaultAsync(), Is.Null);
        Assert.That(await store.GetAccessAsync(channel, Principal.Of("bob")), Is.EqualTo(ChannelAccess.Locked));
        Assert.That((await node.Bus.FindMemoryAsync()).Worst, Is.EqualTo(RedisMemory.Fine));
        Assert.That(node.Warnings, Is.Empty);
    }

    [Test]
    public async Task A_node_whose_user_may_not_hear_of_changes_by_RESP2_works_and_says_so()
    {
        await using var redis = await RunningRedis.StartAsync(["--user", "default", "off", "--user", "broker", "on", $">{Password}", .. BrokersRights]);
        await using var node = new RunningNode(TestRedis.Address(redis.Url(userInfo: $"broker:{Uri.EscapeDataString(Password)}@") + "?force_resp2=true"));
        var channel = TestChannel.Named("public.x");

        await node.Bus.SubscribeAsync(channel);
        await node.PublishAsync(channel, "a");

        await node.Deliveries.WaitForAsync(1);
        Assert.That(node.Feed.Continuity, Is.Zero);
        Assert.That(node.Warnings, Has.Some.Contains("does not report changes of keys"));
    }

    [TestCase(":hush-wrong@", "WRONGPASS")]
    [TestCase("", "NOAUTH")]
    public async Task A_wrong_or_missing_password_is_reported_and_never_logged(string user, string code)
    {
        await using var redis = await RunningRedis.StartAsync("--requirepass", Password);
        await using var node = new RunningNode(TestRedis.Address(redis.Url(userInfo: user)));

        var fault = await AwaitFaultAsync(node, code);

        Assert.That(fault, Does.StartWith($"{redis.Endpoint} refuses: {code}"));
        Assert.That(
            async () => await node.PublishAsync(TestChannel.Named("public.x"), "x"), Throws.InstanceOf<StoreUnavailableException>().With.Message.EqualTo(fault));
        Assert.That(node.Warnings, Has.Some.Contains(code));
        Assert.That(string.Concat(node.Warnings.Append(fault)), Does.Not.Contain("hush"));
    }

    [Test]
    public async Task An_untrusted_certificate_is_not_accepted()
    {
        using var certificate = new RunningCertificate();
        await using var redis = await RunningRedis.StartAsync(certificate);
        await using var node = new RunningNode(TestRedis.Address($"rediss://:hush@{redis.Endpoint}"));

        var fault = await AwaitFaultAsync(node, "certificate");

        Assert.That(fault, Does.StartWith($"{redis.Endpoint}: its certificate is not accepted").And.Not.Contains("hush"));
    }

    [Test]
    public async Task A_mismatch_of_TLS_and_plain_text_is_reported_with_the_address()
    {
        using var certificate = new RunningCertificate();
        await using var secure = await RunningRedis.StartAsync(certificate);
        await using var plain = new RunningNode(secure.Address());
        await using var other = new RunningNode(TestRedis.Address($"rediss://{SharedRedis.Server.Endpoint}"));

        Assert.That(await AwaitFaultAsync(plain, secure.Endpoint.ToString()), Is.Not.Null);
        Assert.That(await AwaitFaultAsync(other, SharedRedis.Server.Endpoint.ToString()), Is.Not.Null);
    }

    [Test]
    public async Task An_address_of_another_kind_is_refused_with_the_right_scheme()
    {
        var cluster = SharedRedis.TakeCluster();
        var endpoint = cluster.Primaries[0].Endpoint;
        SharedRedis.ReturnCluster(cluster);
        await using var sentinels = await RunningSentinels.StartAsync();
        var sentinel = sentinels.Address.Endpoint;
        await using var asServer = new RunningNode(TestRedis.Address($"redis://{endpoint}"));
        await using var asCluster = new RunningNode(TestRedis.Address($"redis+cluster://{SharedRedis.Server.Endpoint}"));
        await using var asPrimary = new RunningNode(TestRedis.Address($"redis://{sentinel}"));

        var faults = await Task.WhenAll(new[] { asServer, asCluster, asPrimary }.Select(node => AwaitFaultAsync(node, "write its address")));

        Assert.That(faults, Is.EqualTo(new[]
        {
            $"{endpoint} belongs to a Redis Cluster: write its address as redis+cluster://",
            $"{SharedRedis.Server.Endpoint} does not belong to a Redis Cluster: write its address as redis://",
            $"{sentinel} is a Sentinel: write its address as redis+sentinel://",
        }));
    }

    // The first attempt may take longer than the question.
    private static Task<string?> AwaitFaultAsync(RunningNode node, string what) =>
        Eventually.GetAsync(async () => await node.Bus.FindFaultAsync(), fault => fault?.Contains(what, StringComparison.Ordinal) is true);
}
