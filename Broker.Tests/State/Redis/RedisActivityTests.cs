using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>How numbers of messages and senders reach a Redis that others read and change, too.</summary>
internal sealed class RedisActivityTests : IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();
    private readonly ManualChangeFeed _feed = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Principal _alice = Principal.Of("alice");
    private readonly Principal _bob = Principal.Of("bob");
    private RedisStateStore _store = null!;
    private ActivityRecorder _recorder = null!;

    [SetUp]
    public async Task OpenStore()
    {
        _store = await _database.OpenStoreAsync(_time, _feed);
        _recorder = new ActivityRecorder(_store, _time, NullLogger<ActivityRecorder>.Instance);
        await _recorder.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task CloseStore()
    {
        await _recorder.StopAsync(CancellationToken.None);
        _recorder.Dispose();
        await _store.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task Activity_is_in_Redis_within_a_second()
    {
        _recorder.Count(_alice);
        _recorder.Count(null);

        _time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.IsTrueAsync(async () => await _database.Keys.StringGetAsync("stats:total_messages") == 2);
        Assert.That(await SendersAsync(), Is.EqualTo("alice"));
    }

    [Test]
    public async Task Without_activity_nothing_is_written()
    {
        _recorder.Count(_alice);
        await _recorder.ReportAsync();
        await _database.Keys.KeyDeleteAsync(["stats:total_messages", "stats:agents"]);

        _time.Advance(TimeSpan.FromSeconds(5));
        await _recorder.ReportAsync();

        Assert.That(await _database.Keys.KeyExistsAsync("stats:total_messages"), Is.False);
    }

    [Test]
    public async Task A_sender_that_others_removed_is_there_again_after_its_next_publication()
    {
        await SendAsync(_alice, _bob);
        await _database.Keys.KeyDeleteAsync("stats:agents");
        await SendAsync(_alice);
        var unheard = await SendersAsync();
        _feed.Raise("stats:agents");
        await SendAsync(_alice);

        Assert.That((unheard, await SendersAsync()), Is.EqualTo(("", "alice")), "bob has not sent anything since");
    }

    [TestCase(2)]
    [TestCase(0)]
    public async Task After_a_removal_could_have_been_missed_every_sender_is_told_again(int continuity)
    {
        await SendAsync(_alice);
        await _database.Keys.KeyDeleteAsync("stats:agents");
        _feed.Continuity = continuity;

        await _recorder.ReportAsync();
        await SendAsync(_alice);

        Assert.That(await SendersAsync(), Is.EqualTo("alice"));
    }

    [Test]
    public async Task Thousands_of_senders_are_told_together()
    {
        var senders = Enumerable.Range(0, 12_345).Select(i => Principal.Of($"agent{i}")).ToArray();

        await SendAsync(senders);

        Assert.That(await _database.Keys.SetLengthAsync("stats:agents"), Is.EqualTo(senders.Length));
    }

    private async Task SendAsync(params Principal[] senders)
    {
        foreach (var sender in senders)
        {
            _recorder.Count(sender);
        }

        await _recorder.ReportAsync();
    }

    private async Task<string> SendersAsync() => string.Join(" ", (await _store.GetSendersAsync()).Order(StringComparer.Ordinal));
}
