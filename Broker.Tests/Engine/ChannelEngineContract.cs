using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>The contract of every engine: publishing and history. A fixture of each implementation derives from this.</summary>
internal abstract class ChannelEngineContract
{
    private protected static readonly HistoryOptions Ten = new(10, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(600));

    private protected ChannelName Channel { get; } = TestChannel.Named("public.history");

    private protected ChannelName Other { get; } = TestChannel.Named("public.other");

    private protected RecordingReceiver Receiver { get; } = new();

    private protected IChannelEngine Engine { get; private set; } = null!;

    [SetUp]
    public void MakeEngine() => Engine = Create(Receiver);

    [TearDown]
    public void CloseEngine() => (Engine as IDisposable)?.Dispose();

    /// <summary>An engine with nothing in it.</summary>
    private protected abstract IChannelEngine Create(IChannelReceiver receiver);

    /// <summary>Lets time pass for the engine.</summary>
    private protected abstract Task AdvanceAsync(TimeSpan by);

    [Test]
    public async Task Offsets_count_from_one_within_one_epoch()
    {
        var first = await PublishAsync("a");
        var second = await PublishAsync("b");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Position.Offset, second.Position.Offset), Is.EqualTo((1UL, 2UL)));
            Assert.That(first.Position.Epoch, Does.Match("^[A-Za-z]{8}$"));
            Assert.That(second.Position.Epoch, Is.EqualTo(first.Position.Epoch));
            Assert.That((await Receiver.WaitForAsync(2)).Select(delivery => delivery.Position), Is.EqualTo(new[] { first.Position, second.Position }));
        }
    }

    [Test]
    public async Task Channels_count_for_themselves()
    {
        await PublishAsync("a");
        await PublishAsync("b");

        var other = await Engine.PublishAsync(Other, Publication("c"));

        Assert.That(other.Position.Offset, Is.EqualTo(1));
        Assert.That(other.Position.Epoch, Is.Not.EqualTo((await ReadAsync(new(0))).Top.Epoch));
    }

    [Test]
    public async Task Deliveries_and_history_equal_the_publications()
    {
        var publisher = new ClientInfo("alice", Guid.NewGuid(), "{\"a\":1}"u8.ToArray(), "{\"b\":2}"u8.ToArray());
        var tags = new Dictionary<string, string> { ["k"] = "v" };
        var payload = "{\"x\":\"é\"}"u8.ToArray();

        var publishing = Engine.PublishAsync(Channel, new() { Publication = new(payload, publisher, tags), History = Ten });
        payload.AsSpan().Clear();
        await publishing;

        var kept = (await ReadAsync(new(-1))).Publications.Single().Publication;
        var delivered = (await Receiver.WaitForAsync(1)).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(delivered.Data, Is.EqualTo("{\"x\":\"é\"}"));
            Assert.That(kept.Data.Text(), Is.EqualTo(delivered.Data));
            Assert.That(kept.Publisher!.ConnectionInfo.ToArray(), Is.EqualTo("{\"a\":1}"u8.ToArray()));
            Assert.That(kept.Publisher.ChannelInfo.ToArray(), Is.EqualTo("{\"b\":2}"u8.ToArray()));
            Assert.That((delivered.Publisher!.User, delivered.Publisher.Client), Is.EqualTo((publisher.User, publisher.Client)));
            Assert.That(kept.Tags, Is.EqualTo(tags));
            Assert.That(delivered.Tags, Is.EqualTo(tags));
        }
    }

    [Test]
    public async Task Without_history_a_publication_is_delivered_and_has_no_place()
    {
        await PublishAsync("kept");

        var result = await Engine.PublishAsync(Channel, Publication("passing") with { History = HistoryOptions.None });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Position, Is.EqualTo(new StreamPosition(0, "")));
            Assert.That((await Receiver.WaitForAsync(2))[1], Has.Property("Data").EqualTo("passing").And.Property("Position").EqualTo(new StreamPosition(0, "")));
            Assert.That(await TextsAsync(new(-1)), Is.EqualTo("kept"));
            Assert.That((await PublishAsync("next")).Position.Offset, Is.EqualTo(2));
        }
    }

    [TestCase(3, ExpectedResult = "8 9 10")]
    [TestCase(1, ExpectedResult = "10")]
    [TestCase(10, ExpectedResult = "1 2 3 4 5 6 7 8 9 10")]
    [TestCase(100, ExpectedResult = "1 2 3 4 5 6 7 8 9 10")]
    public async Task<string> A_history_keeps_the_last_of_its_size(int size)
    {
        for (var i = 1; i <= 10; i++)
        {
            await Engine.PublishAsync(Channel, Publication($"{i}") with { History = Ten with { Size = size } });
        }

        return await TextsAsync(new(-1));
    }

    [TestCase(7, 3, ExpectedResult = "8 9 10")]
    [TestCase(3, 7, ExpectedResult = "4 5 6 7 8 9 10")]
    public async Task<string> A_size_that_changes_holds_from_the_next_publication_on(int before, int after)
    {
        for (var i = 1; i <= 10; i++)
        {
            await Engine.PublishAsync(Channel, Publication($"{i}") with { History = Ten with { Size = i <= 6 ? before : after } });
        }

        return await TextsAsync(new(-1));
    }

    // 10 publications, of which 6 to 10 are kept.
    [TestCase(0, null, false, ExpectedResult = "")]
    [TestCase(2, null, false, ExpectedResult = "6 7")]
    [TestCase(-1, null, false, ExpectedResult = "6 7 8 9 10")]
    [TestCase(99, null, false, ExpectedResult = "6 7 8 9 10")]
    [TestCase(2, null, true, ExpectedResult = "10 9")]
    [TestCase(-1, null, true, ExpectedResult = "10 9 8 7 6")]
    [TestCase(-1, 7UL, false, ExpectedResult = "8 9 10")]
    [TestCase(1, 7UL, false, ExpectedResult = "8")]
    [TestCase(-1, 5UL, false, ExpectedResult = "6 7 8 9 10")]
    [TestCase(-1, 0UL, false, ExpectedResult = "6 7 8 9 10")]
    [TestCase(-1, 9UL, false, ExpectedResult = "10")]
    [TestCase(-1, 10UL, false, ExpectedResult = "")]
    [TestCase(-1, 11UL, false, ExpectedResult = "")]
    [TestCase(-1, ulong.MaxValue, false, ExpectedResult = "")]
    [TestCase(-1, 8UL, true, ExpectedResult = "7 6")]
    [TestCase(1, 8UL, true, ExpectedResult = "7")]
    [TestCase(-1, 6UL, true, ExpectedResult = "")]
    [TestCase(-1, 2UL, true, ExpectedResult = "")]
    [TestCase(-1, 10UL, true, ExpectedResult = "9 8 7 6")]
    [TestCase(2, 11UL, true, ExpectedResult = "10 9")]
    [TestCase(2, 12UL, true, ExpectedResult = "")]
    [TestCase(2, ulong.MaxValue, true, ExpectedResult = "")]
    public async Task<string> A_filter_chooses_by_limit_place_and_direction(int limit, ulong? since, bool reverse)
    {
        for (var i = 1; i <= 10; i++)
        {
            await Engine.PublishAsync(Channel, Publication($"{i}") with { History = Ten with { Size = 5 } });
        }

        StreamPosition? place = since is { } offset ? new(offset, "") : null;
        return await TextsAsync(new(limit, place, reverse));
    }

    [Test]
    public async Task Reading_a_channel_gives_it_the_epoch_that_its_first_publication_has()
    {
        var empty = await ReadAsync(HistoryFilter.Position);
        var again = await ReadAsync(HistoryFilter.Position);
        var first = await PublishAsync("a");

        Assert.That(empty.Publications, Is.Empty);
        Assert.That(empty.Top, Is.EqualTo(new StreamPosition(0, first.Position.Epoch)).And.EqualTo(again.Top));
        Assert.That(first.Position, Is.EqualTo(new StreamPosition(1, empty.Top.Epoch)));
    }

    [Test]
    public async Task A_page_that_was_read_stays_as_it_is()
    {
        await PublishAsync("a");
        var page = await ReadAsync(new(-1));

        await PublishAsync("b");
        await Engine.RemoveHistoryAsync(Channel);

        Assert.That(page.Publications.Select(stored => stored.Publication.Data.Text()), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Each_publication_keeps_the_whole_list_for_another_ttl()
    {
        await PublishAsync("a");
        await AdvanceAsync(TimeSpan.FromSeconds(40));
        await PublishAsync("b");
        await AdvanceAsync(TimeSpan.FromSeconds(40));
        var kept = await TextsAsync(new(-1));
        await AdvanceAsync(TimeSpan.FromSeconds(20));

        Assert.That((kept, await TextsAsync(new(-1))), Is.EqualTo(("a b", "")));
    }

    [Test]
    public async Task After_the_ttl_the_offsets_go_on()
    {
        var first = await PublishAsync("a");
        await AdvanceAsync(TimeSpan.FromSeconds(61));

        var second = await PublishAsync("b");

        Assert.That(second.Position, Is.EqualTo(first.Position with { Offset = 2 }));
        Assert.That(await TextsAsync(new(-1)), Is.EqualTo("b"));
    }

    [Test]
    public async Task After_the_ttl_of_the_position_a_new_epoch_begins()
    {
        var first = await PublishAsync("a");
        await AdvanceAsync(TimeSpan.FromSeconds(600));

        var second = await PublishAsync("b");

        Assert.That(second.Position.Offset, Is.EqualTo(1));
        Assert.That(second.Position.Epoch, Is.Not.EqualTo(first.Position.Epoch));
    }

    [Test]
    public async Task Reading_and_publishing_keep_the_position_alive()
    {
        var first = await PublishAsync("a");
        await AdvanceAsync(TimeSpan.FromSeconds(500));
        await ReadAsync(HistoryFilter.Position);
        await AdvanceAsync(TimeSpan.FromSeconds(500));
        var second = await PublishAsync("b");
        await AdvanceAsync(TimeSpan.FromSeconds(500));

        Assert.That((await ReadAsync(HistoryFilter.Position)).Top, Is.EqualTo(second.Position).And.EqualTo(first.Position with { Offset = 2 }));
    }

    [Test]
    public async Task Removing_a_history_keeps_the_position()
    {
        await PublishAsync("a");
        var top = (await PublishAsync("b")).Position;

        await Engine.RemoveHistoryAsync(Channel);
        await Engine.RemoveHistoryAsync(Other);

        var page = await ReadAsync(new(-1));
        Assert.That((page.Publications.Count, page.Top), Is.EqualTo((0, top)));
        Assert.That((await PublishAsync("c")).Position, Is.EqualTo(top with { Offset = 3 }));
        Assert.That(await TextsAsync(new(-1)), Is.EqualTo("c"));
    }

    [Test]
    public async Task A_delta_comes_with_the_payload_before_it_as_long_as_that_is_kept()
    {
        foreach (var text in (string[])["a", "b"])
        {
            await Engine.PublishAsync(Channel, Publication(text) with { WantsDelta = true });
        }

        await Engine.PublishAsync(Channel, Publication("not wanted"));
        await Engine.PublishAsync(Channel, Publication("c") with { WantsDelta = true });
        await AdvanceAsync(TimeSpan.FromSeconds(61));
        await Engine.PublishAsync(Channel, Publication("d") with { WantsDelta = true });
        await Engine.RemoveHistoryAsync(Channel);
        await Engine.PublishAsync(Channel, Publication("e") with { WantsDelta = true });

        Assert.That((await Receiver.WaitForAsync(6)).Select(delivery => delivery.Previous), Is.EqualTo(new[] { "", "a", "", "not wanted", "", "" }));
    }

    [Test]
    public async Task A_delta_is_possible_with_a_history_of_one()
    {
        foreach (var text in (string[])["a", "b", "c"])
        {
            await Engine.PublishAsync(Channel, Publication(text) with { WantsDelta = true, History = Ten with { Size = 1 } });
        }

        Assert.That((await Receiver.WaitForAsync(3)).Select(delivery => delivery.Previous), Is.EqualTo(new[] { "", "a", "b" }));
    }

    private protected static EnginePublication Publication(string text) => new() { Publication = new(text.Utf8()), History = Ten };

    private protected ValueTask<PublishResult> PublishAsync(string text) => Engine.PublishAsync(Channel, Publication(text));

    private protected ValueTask<HistoryPage> ReadAsync(HistoryFilter filter) => Engine.ReadHistoryAsync(Channel, filter, Ten.MetaTtl);

    private protected async Task<string> TextsAsync(HistoryFilter filter) =>
        string.Join(' ', (await ReadAsync(filter)).Publications.Select(stored => stored.Publication.Data.Text()));
}
