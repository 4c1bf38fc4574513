using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for advertisements.</summary>
internal abstract class StateStoreAdvertisementContract
{
    private IStateStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = Create(TimeProvider.System);

    [TearDown]
    public ValueTask CloseStore() => _store is IAsyncDisposable store ? store.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [Test]
    public async Task A_channel_has_its_last_advertisement_until_that_is_removed()
    {
        var channel = TestChannel.Named("agent.owner.topic");
        var before = await _store.GetAdvertisementAsync(channel);
        await _store.SetAdvertisementAsync(Ad("agent.owner.topic", 1, "old", """{"type":"object"}"""));
        var old = await _store.GetAdvertisementAsync(channel);
        await _store.SetAdvertisementAsync(Ad("agent.owner.topic", 2, "new"));
        var changed = await _store.GetAdvertisementAsync(channel);
        await _store.RemoveAdvertisementAsync(channel);
        await _store.RemoveAdvertisementAsync(channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.Null);
            Assert.That(old, Is.EqualTo(Ad("agent.owner.topic", 1, "old", """{"type":"object"}""")));
            Assert.That(changed, Is.EqualTo(Ad("agent.owner.topic", 2, "new")));
            Assert.That(await _store.GetAdvertisementAsync(channel), Is.Null);
            Assert.That(await FindAsync(), Is.Empty);
        }
    }

    [Test]
    public async Task The_same_instance_is_returned_until_it_changes()
    {
        var channel = TestChannel.Named("agent.owner.topic");
        await _store.SetAdvertisementAsync(Ad("agent.owner.topic", 1, "old"));

        var first = await _store.GetAdvertisementAsync(channel);

        Assert.That(await _store.GetAdvertisementAsync(channel), Is.SameAs(first));
    }

    [TestCase("")]
    [TestCase("Б \u2028 \U0001F980 \" \\ \0 end")]
    public async Task A_description_may_be_any_text(string description)
    {
        await _store.SetAdvertisementAsync(Ad("agent.owner.topic", 1, description));

        Assert.That((await _store.GetAdvertisementAsync(TestChannel.Named("agent.owner.topic")))!.Description, Is.EqualTo(description));
    }

    [Test]
    public async Task Advertisements_are_listed_newest_first_and_by_name_within_a_millisecond()
    {
        await SetAsync(("agent.a.1", 10), ("agent.b.2", 30), ("app.a.3", 20), ("agent.a.z", 30), ("agent.a.1", 40));

        Assert.That(await FindAsync(), Is.EqualTo(new[] { "agent.a.1", "agent.a.z", "agent.b.2", "app.a.3" }));
    }

    [Test]
    public async Task An_owners_list_has_only_its_own_advertisements()
    {
        await SetAsync(("agent.bob.1", 1), ("agent.bob.2", 2), ("agent.Bob.3", 3), ("app.bob.4", 4), ("agent.bobby.5", 5));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await FindAsync("bob"), Is.EqualTo(new[] { "agent.bob.2", "agent.bob.1" }));
            Assert.That(await FindAsync("app:bob"), Is.EqualTo(new[] { "app.bob.4" }));
            Assert.That(await FindAsync("bo*"), Is.Empty);
            Assert.That(await FindAsync("*"), Is.Empty);
        }
    }

    [Test]
    public async Task A_search_is_case_insensitive_in_names_and_descriptions()
    {
        await _store.SetAdvertisementAsync(Ad("agent.trader.prices", 1, "Quotes"));
        await _store.SetAdvertisementAsync(Ad("agent.owner.topic", 2, "all the PRICES of today"));
        await _store.SetAdvertisementAsync(Ad("agent.owner.other", 3, null, """{"title":"prices"}"""));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await FindAsync(text: "pRiCeS"), Is.EqualTo(new[] { "agent.owner.topic", "agent.trader.prices" }));
            Assert.That(await FindAsync(text: "trader"), Is.EqualTo(new[] { "agent.trader.prices" }));
            Assert.That(await FindAsync(text: "*"), Is.Empty);
            Assert.That(await FindAsync("owner", "prices"), Is.EqualTo(new[] { "agent.owner.topic" }));
        }
    }

    [TestCase(0, 2, new[] { "agent.a.5", "agent.a.4" })]
    [TestCase(3, 10, new[] { "agent.a.2", "agent.a.1" })]
    [TestCase(5, 1, new string[0])]
    [TestCase(int.MaxValue, int.MaxValue, new string[0])]
    [TestCase(1, 0, new string[0])]
    public async Task A_page_comes_with_the_total_number(int offset, int limit, string[] expected)
    {
        await SetAsync([.. Enumerable.Range(1, 5).Select(i => ($"agent.a.{i}", (long)i))]);

        var listed = await _store.FindAdvertisementsAsync(new AdvertisementQuery(offset, limit));
        var found = await _store.FindAdvertisementsAsync(new AdvertisementQuery(offset, limit) { Text = "AGENT" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(listed.Items.Select(item => item.Channel.Value), Is.EqualTo(expected));
            Assert.That(found.Items.Select(item => item.Channel.Value), Is.EqualTo(expected));
            Assert.That((listed.Total, found.Total), Is.EqualTo((5, 5)));
        }
    }

    [Test]
    public async Task Simultaneous_changes_leave_the_last_one_of_each_channel_in_every_list()
    {
        await Parallel.ForAsync(0, 400, async (i, _) =>
        {
            var name = $"agent.owner{i % 4}.{i % 8}";
            await _store.SetAdvertisementAsync(Ad(name, i));
            if (i % 3 == 0)
            {
                await _store.RemoveAdvertisementAsync(TestChannel.Named(name));
            }
        });
        await SetAsync([.. Enumerable.Range(0, 8).Select(i => ($"agent.owner{i % 4}.{i}", 1_000L + i))]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await FindAsync(), Has.Length.EqualTo(8));
            Assert.That(await FindAsync("owner3"), Is.EqualTo(new[] { "agent.owner3.7", "agent.owner3.3" }));
        }
    }

    private static Advertisement Ad(string channel, long updatedAt, string? description = null, string? schema = null) =>
        new(TestChannel.Named(channel), description, schema, updatedAt);

    private async Task SetAsync(params (string Channel, long UpdatedAt)[] advertisements)
    {
        foreach (var (channel, updatedAt) in advertisements)
        {
            await _store.SetAdvertisementAsync(Ad(channel, updatedAt));
        }
    }

    private async Task<string[]> FindAsync(string? owner = null, string? text = null)
    {
        var page = await _store.FindAdvertisementsAsync(new AdvertisementQuery(0, 1_000) { OwnerKey = owner, Text = text });
        Assert.That(page.Total, Is.EqualTo(page.Items.Count));
        return [.. page.Items.Select(item => item.Channel.Value)];
    }
}
