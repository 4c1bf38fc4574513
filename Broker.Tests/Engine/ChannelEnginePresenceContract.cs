using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>The contract of every engine: presence, join and leave.</summary>
internal abstract class ChannelEnginePresenceContract
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(60);

    private readonly ChannelName _channel = TestChannel.Named("public.room");
    private readonly ChannelName _other = TestChannel.Named("public.other");
    private readonly RecordingReceiver _receiver = new();

    private protected IChannelEngine Engine { get; private set; } = null!;

    [SetUp]
    public void MakeEngine() => Engine = Create(_receiver);

    [TearDown]
    public void CloseEngine() => (Engine as IDisposable)?.Dispose();

    /// <inheritdoc cref="ChannelEngineContract.Create"/>
    private protected abstract IChannelEngine Create(IChannelReceiver receiver);

    /// <inheritdoc cref="ChannelEngineContract.AdvanceAsync"/>
    private protected abstract Task AdvanceAsync(TimeSpan by);

    [Test]
    public async Task Nobody_is_in_a_channel_that_nobody_joined()
    {
        await Engine.RemovePresenceAsync(_channel, Guid.NewGuid());

        Assert.That(await Engine.GetPresenceAsync(_channel), Is.Empty);
        Assert.That(await Engine.GetPresenceStatsAsync(_channel), Is.EqualTo(new PresenceStats(0, 0)));
    }

    [Test]
    public async Task Presence_lists_each_client_with_its_info()
    {
        var alice = new ClientInfo("alice", Guid.NewGuid(), "{\"a\":1}"u8.ToArray(), "[2]"u8.ToArray());
        await Engine.AddPresenceAsync(_channel, alice, Ttl);

        var present = (await Engine.GetPresenceAsync(_channel)).Single();

        Assert.That((present.User, present.Client), Is.EqualTo((alice.User, alice.Client)));
        Assert.That((present.ConnectionInfo.Text(), present.ChannelInfo.Text()), Is.EqualTo(("{\"a\":1}", "[2]")));
        Assert.That(await Engine.GetPresenceAsync(_other), Is.Empty);
    }

    [Test]
    public async Task Connections_of_one_user_are_one_user_and_so_are_the_anonymous()
    {
        foreach (var user in (string[])["alice", "alice", "bob", "", ""])
        {
            await Engine.AddPresenceAsync(_channel, new(user, Guid.NewGuid()), Ttl);
        }

        Assert.That(await Engine.GetPresenceStatsAsync(_channel), Is.EqualTo(new PresenceStats(Clients: 5, Users: 3)));
    }

    [Test]
    public async Task A_client_that_leaves_is_gone_and_its_user_s_other_connection_stays()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await Engine.AddPresenceAsync(_channel, new("alice", first), Ttl);
        await Engine.AddPresenceAsync(_channel, new("alice", second), Ttl);

        await Engine.RemovePresenceAsync(_channel, first);
        await Engine.RemovePresenceAsync(_channel, first);
        var left = await Engine.GetPresenceStatsAsync(_channel);
        await Engine.RemovePresenceAsync(_channel, second);

        Assert.That(left, Is.EqualTo(new PresenceStats(1, 1)));
        Assert.That(await Engine.GetPresenceStatsAsync(_channel), Is.EqualTo(new PresenceStats(0, 0)));
    }

    [Test]
    [Checklist(86)]
    public async Task A_client_that_does_not_renew_its_presence_is_gone_after_the_ttl()
    {
        var (stays, vanishes) = (new ClientInfo("alice", Guid.NewGuid()), new ClientInfo("bob", Guid.NewGuid()));
        await Engine.AddPresenceAsync(_channel, stays, Ttl);
        await Engine.AddPresenceAsync(_channel, vanishes, Ttl);
        await AdvanceAsync(TimeSpan.FromSeconds(27));
        await Engine.AddPresenceAsync(_channel, stays, Ttl);
        await AdvanceAsync(TimeSpan.FromSeconds(32));
        var before = await Engine.GetPresenceStatsAsync(_channel);
        await AdvanceAsync(TimeSpan.FromSeconds(1));

        var after = await Engine.GetPresenceAsync(_channel);
        await AdvanceAsync(TimeSpan.FromSeconds(27));

        Assert.That((before.Clients, after.Single().User), Is.EqualTo((2, "alice")));
        Assert.That(await Engine.GetPresenceStatsAsync(_channel), Is.EqualTo(new PresenceStats(0, 0)));
    }

    [Test]
    public async Task Saying_it_again_changes_what_is_known_and_counts_once()
    {
        var client = Guid.NewGuid();
        await Engine.AddPresenceAsync(_channel, new("", client), Ttl);
        await Engine.AddPresenceAsync(_channel, new("alice", client, "1"u8.ToArray()), Ttl);

        Assert.That((await Engine.GetPresenceAsync(_channel)).Single().User, Is.EqualTo("alice"));
        Assert.That(await Engine.GetPresenceStatsAsync(_channel), Is.EqualTo(new PresenceStats(1, 1)));
    }

    [Test]
    public async Task Joins_and_leaves_are_told_and_have_no_place_in_the_history()
    {
        var options = new HistoryOptions(10, Ttl, Ttl);
        await Engine.PublishAsync(_channel, new() { Publication = new("a".Utf8()), History = options });
        await Engine.PublishJoinAsync(_channel, new("alice", Guid.NewGuid()));
        await Engine.PublishLeaveAsync(_channel, new("alice", Guid.NewGuid()));
        var last = await Engine.PublishAsync(_channel, new() { Publication = new("b".Utf8()), History = options });

        await _receiver.WaitForAsync(2);
        Assert.That(_receiver.Comings, Is.EqualTo(new[] { "+alice", "-alice" }));
        Assert.That(last.Position.Offset, Is.EqualTo(2));
    }
}
