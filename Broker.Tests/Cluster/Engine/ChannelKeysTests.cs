using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Cluster.Engine;

internal sealed class ChannelKeysTests
{
    private static readonly string[] Names =
        ["public.x", "x", "x}", "}x", "}", "{x}", "{}x", "x}:1:foo", "x}:once", "stream:{channel:x", "channel:x", "x{y}z", "$private:#a,b"];

    [Test]
    public void A_key_contains_its_kind_and_its_channel()
    {
        var channel = TestChannel.Named("public.x");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Key(ChannelKeys.Stream, channel), Is.EqualTo("clawevents:stream:{channel:public.x}"));
            Assert.That(Key(ChannelKeys.Meta, channel), Is.EqualTo("clawevents:meta:{channel:public.x}"));
            Assert.That(OnceKey(channel, "k"), Is.EqualTo("clawevents:once:8:{channel:public.x}k"));
            Assert.That(new BusNames(3).Of(channel), Is.EqualTo("clawevents:bus:3:{channel:public.x}"));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void All_keys_of_a_channel_have_one_hash_tag_and_its_slot(string name)
    {
        var channel = TestChannel.Named(name);

        var tags = Keys(channel).Append(new BusNames(0).Of(channel)).Select(HashTag).Distinct().ToArray();

        Assert.That(tags, Has.Length.EqualTo(1));
        Assert.That(tags[0], Is.Not.Empty);
        Assert.That(ChannelKeys.SlotOf(channel), Is.EqualTo(ChannelHash.SlotOf(tags[0])));
    }

    [Test]
    public void No_key_belongs_to_two_channels()
    {
        var keys = Names.Select(TestChannel.Named).SelectMany(Keys).ToArray();

        Assert.That(keys, Is.Unique);
    }

    // Vectors of the specification.
    [TestCase("123456789", 0x31C3)]
    [TestCase("", 0)]
    [TestCase("foo", 12182)]
    [TestCase("user1000", 3443)]
    public void Slots_are_computed_as_Redis_Cluster_does(string tag, int slot) => Assert.That(ChannelHash.SlotOf(tag), Is.EqualTo(slot % ChannelHash.Slots));

    [Test]
    public void Channels_are_spread_over_servers_and_one_more_server_takes_only_its_part()
    {
        const int channels = 20_000;
        var names = Enumerable.Range(0, channels).Select(i => $"public.channel{i}").ToArray();

        for (var shards = 1; shards < 8; shards++)
        {
            var counts = names.CountBy(name => ChannelHash.ShardOf(name, shards)).Select(count => count.Value).ToArray();
            var moved = names.Where(name => ChannelHash.ShardOf(name, shards) != ChannelHash.ShardOf(name, shards + 1)).ToArray();

            using (Assert.EnterMultipleScope())
            {
                Assert.That(counts, Has.Length.EqualTo(shards));
                Assert.That(counts, Is.All.InRange(0.9 * channels / shards, 1.1 * channels / shards));
                Assert.That(moved.Select(name => ChannelHash.ShardOf(name, shards + 1)), Is.All.EqualTo(shards));
            }
        }
    }

    [Test]
    public void The_shard_of_a_name_never_changes()
    {
        // A change would make data in Redis unreachable.
        Assert.That(
            new[] { "public.townsquare", "agent.alice.updates", "x" }.Select(name => ChannelHash.ShardOf(name, 5)),
            Is.EqualTo(new[] { 2, 0, 3 }));
    }

    private static string[] Keys(ChannelName channel) =>
    [
        Key(ChannelKeys.Stream, channel), Key(ChannelKeys.Meta, channel), Key(ChannelKeys.Presence, channel),
        Key(ChannelKeys.PresenceEnds, channel), Key(ChannelKeys.PresenceUsers, channel),
        .. Names.Append("").Append("foo}:8:z").Append("z").Select(key => OnceKey(channel, key)),
    ];

    private static string Key(string kind, ChannelName channel) => (string)ChannelKeys.Of(kind, channel)!;

    private static string OnceKey(ChannelName channel, string key) => (string)ChannelKeys.OfOnce(channel, key)!;

    private static string HashTag(string key)
    {
        var start = key.IndexOf('{', StringComparison.Ordinal);
        var end = start < 0 ? -1 : key.IndexOf('}', start);
        return end > start + 1 ? key[(start + 1)..end] : key;
    }
}
