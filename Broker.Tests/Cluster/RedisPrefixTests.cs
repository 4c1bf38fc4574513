using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>Fleets with different prefixes on one Redis.</summary>
internal sealed class RedisPrefixTests
{
    private static readonly HistoryOptions Kept = new(10, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    [TestCase(RedisLayout.OneServer)]
    [TestCase(RedisLayout.Cluster)]
    public async Task They_share_neither_messages_nor_history_nor_locks(RedisLayout layout)
    {
        await using var place = new RedisPlace(layout);
        var (ours, theirs) = (With(place, "team-a"), With(place, "team-b"));
        await using var node = new RunningNode(ours);
        await using var stranger = new RunningNode(theirs);
        await using var store = await OpenStoreAsync(ours, node);
        await using var strangersStore = await OpenStoreAsync(theirs, stranger);
        var channel = TestChannel.Named("agent.alice.x");
        await node.Bus.SubscribeAsync(channel);
        await stranger.Bus.SubscribeAsync(channel);

        await node.PublishAsync(channel, "a", Kept);
        await stranger.PublishAsync(channel, "b", Kept);
        await store.LockAsync(channel);

        Assert.That((await node.Deliveries.WaitForAsync(1)).Select(delivery => delivery.Data), Is.EqualTo(["a"]));
        Assert.That((await stranger.Deliveries.WaitForAsync(1)).Select(delivery => delivery.Data), Is.EqualTo(["b"]));
        Assert.That((await node.Engine.ReadHistoryAsync(channel, HistoryFilter.Position, TimeSpan.FromMinutes(1))).Top.Offset, Is.EqualTo(1));
        Assert.That(await store.GetAccessAsync(channel, Principal.Of("bob")), Is.EqualTo(ChannelAccess.Locked));
        Assert.That(await strangersStore.GetAccessAsync(channel, Principal.Of("bob")), Is.EqualTo(ChannelAccess.Open));
    }

    [Test]
    public async Task A_named_authority_is_trusted()
    {
        using var certificate = new RunningCertificate();
        await using var redis = await RunningRedis.StartAsync(certificate);
        await using var node = new RunningNode(TestRedis.Address($"rediss://localhost:{redis.Port}?ca={Uri.EscapeDataString(certificate.CertificateFile)}"));
        var channel = TestChannel.Named("public.x");

        await node.Bus.SubscribeAsync(channel);
        await node.PublishAsync(channel, "a");

        await node.Deliveries.WaitForAsync(1);
        Assert.That(node.Warnings, Is.Empty);
    }

    private static RedisAddress With(RedisPlace place, string prefix)
    {
        var address = place.Addresses[0];
        return TestRedis.Address(address.Kind is RedisKind.Cluster ? $"redis+cluster://{address.Endpoint}?prefix={prefix}" : $"redis://{address.Endpoint}/{address.Database}?prefix={prefix}");
    }

    private static async Task<RedisStateStore> OpenStoreAsync(RedisAddress address, RunningNode node) =>
        new(await RedisConnection.OpenAsync(address, keyPrefix: RedisKeys.PrefixOf(address)), node.Feed, TimeProvider.System, NullLogger<RedisStateStore>.Instance);
}
