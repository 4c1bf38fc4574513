using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>The contract of every engine: publications that come twice or too late.</summary>
internal abstract class ChannelEngineOnceContract
{
    private protected static readonly HistoryOptions Ten = new(10, TimeSpan.FromSeconds(60), TimeSpan.FromHours(1));

    private readonly ChannelName _channel = TestChannel.Named("public.history");
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
    public async Task A_key_that_comes_again_gets_the_first_result_and_is_not_published()
    {
        var first = await PublishAsync("a", key: "k");
        await PublishAsync("b");
        var again = await PublishAsync("c", key: "k");

        Assert.That(again, Is.EqualTo(first with { Suppression = Suppression.Repeated }));
        Assert.That(await DeliveredAsync(2), Is.EqualTo("a b"));
    }

    [Test]
    public async Task A_key_counts_in_channels_without_history_too()
    {
        await PublishAsync("a", key: "k", history: HistoryOptions.None);
        var again = await PublishAsync("b", key: "k", history: HistoryOptions.None);

        Assert.That(again, Is.EqualTo(new PublishResult(new StreamPosition(0, ""), Suppression.Repeated)));
        Assert.That(await DeliveredAsync(1), Is.EqualTo("a"));
    }

    [Test]
    public async Task A_key_counts_for_its_channel_only()
    {
        await PublishAsync("a", key: "k");
        await PublishAsync("b", key: "K");
        await Engine.PublishAsync(_other, new() { Publication = new("c".Utf8()), IdempotencyKey = "k" });

        // Channels have no order among each other.
        Assert.That((await DeliveredAsync(3)).Split(' '), Is.EquivalentTo(["a", "b", "c"]));
    }

    [Test]
    public async Task A_key_counts_for_five_minutes_from_the_first_time()
    {
        await PublishAsync("a", key: "k");
        await AdvanceAsync(TimeSpan.FromMinutes(4));
        await PublishAsync("b", key: "k");
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        await PublishAsync("c", key: "k");

        Assert.That(await DeliveredAsync(2), Is.EqualTo("a c"));
    }

    [Test]
    public async Task Of_many_concurrent_publications_with_one_key_one_is_published_and_all_get_its_place()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await PublishAsync($"{i}", key: "k"))));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(results.Count(result => result.Suppression is Suppression.None), Is.EqualTo(1));
            Assert.That(results.Select(result => result.Position).Distinct().Single().Offset, Is.EqualTo(1));
            Assert.That(await DeliveredAsync(1), Does.Not.Contain(" "));
        }
    }

    [TestCase(4UL)]
    [TestCase(5UL)]
    public async Task A_version_that_is_not_newer_is_dropped_and_gets_the_position(ulong version)
    {
        var newest = await PublishAsync("a", version: 5);

        var result = await PublishAsync("b", version: version);

        Assert.That(result, Is.EqualTo(newest with { Suppression = Suppression.Outdated }));
        Assert.That(await DeliveredAsync(1), Is.EqualTo("a"));
    }

    [Test]
    public async Task Newer_versions_and_those_without_a_version_are_published()
    {
        await PublishAsync("a", version: 5);
        await PublishAsync("b");
        await PublishAsync("c", version: 6);
        await PublishAsync("d", version: 6);
        await PublishAsync("e", version: ulong.MaxValue);

        Assert.That(await DeliveredAsync(4), Is.EqualTo("a b c e"));
    }

    [Test]
    public async Task Another_version_epoch_starts_again()
    {
        await PublishAsync("a", version: 5, versionEpoch: "x");
        await PublishAsync("b", version: 1, versionEpoch: "y");
        await PublishAsync("c", version: 1, versionEpoch: "y");
        await PublishAsync("d", version: 1);

        Assert.That(await DeliveredAsync(3), Is.EqualTo("a b d"));
    }

    [Test]
    public async Task A_version_outlives_the_publications()
    {
        await PublishAsync("a", version: 5);
        await Engine.RemoveHistoryAsync(_channel);
        await AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.That((await PublishAsync("b", version: 5)).Suppression, Is.EqualTo(Suppression.Outdated));
    }

    private ValueTask<PublishResult> PublishAsync(
        string text, string? key = null, ulong version = 0, string? versionEpoch = null, HistoryOptions? history = null) =>
        Engine.PublishAsync(_channel, new()
        {
            Publication = new(text.Utf8()),
            History = history ?? Ten,
            IdempotencyKey = key,
            Version = version,
            VersionEpoch = versionEpoch,
        });

    // Nothing more arrives than is expected: the last thing published is always among it, or was suppressed before the engine answered.
    private async Task<string> DeliveredAsync(int count) => string.Join(' ', (await _receiver.WaitForAsync(count)).Select(delivery => delivery.Data));
}
