using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Tests.Maps;

/// <summary>The contract of every engine of maps: pages of the state and of the stream.</summary>
internal abstract class MapEnginePagesContract : MapEngineTestBase
{
    private static readonly string[] InOrder = ["", "!", "A", "a", "aa", "b", "é", "\uFFFD", "\U0001F600"];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(9)]
    public async Task Pages_follow_the_bytes_of_the_keys(int limit)
    {
        foreach (var key in InOrder.Skip(1).Reverse())
        {
            await PublishAsync(Persistent, key, score: key.Length);
        }

        var (keys, pages) = await WalkAsync(Persistent, limit);

        Assert.That(keys, Is.EqualTo(InOrder.Skip(1)));
        Assert.That(pages, Is.EqualTo((8 + limit - 1) / limit));
    }

    [TestCase(false, ExpectedResult = "d:9 b:5 a:5 c:-3 e:-9223372036854775808")]
    [TestCase(true, ExpectedResult = "e:-9223372036854775808 c:-3 a:5 b:5 d:9")]
    public async Task<string> An_ordered_map_is_read_by_score_and_then_by_key(bool ascending)
    {
        foreach (var (key, score) in new[] { ("a", 1L), ("b", 5L), ("c", -3L), ("d", 9L), ("a", 5L), ("e", long.MinValue) })
        {
            await PublishAsync(Ordered, key, score: score);
        }

        var texts = new List<string>();
        foreach (var limit in new[] { 1, 2, 3, 5, 100 })
        {
            texts.Add(string.Join(' ', (await WalkEntriesAsync(Ordered, limit, ascending)).Entries.Select(entry => $"{entry.Key}:{entry.Score}")));
        }

        Assert.That(texts.Distinct().Count(), Is.EqualTo(1));
        return texts[0];
    }

    [Test]
    public async Task Scores_beyond_what_a_double_holds_keep_their_order()
    {
        await PublishAsync(Ordered, "a", score: long.MaxValue - 1);
        await PublishAsync(Ordered, "b", score: long.MaxValue);
        await PublishAsync(Ordered, "c", score: long.MaxValue - 2);

        Assert.That((await WalkAsync(Ordered, 1)).Keys, Is.EqualTo(new[] { "b", "a", "c" }));
    }

    [Test]
    public async Task A_key_with_another_score_is_there_once()
    {
        await PublishAsync(Ordered, "a", score: 1);
        await PublishAsync(Ordered, "b", score: 2);
        await PublishAsync(Ordered, "a", score: 3);
        await RemoveAsync(Ordered, "b");

        Assert.That((await WalkAsync(Ordered, 10)).Keys, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task A_page_begins_after_its_cursor_whatever_has_become_of_that_key()
    {
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            await PublishAsync(Persistent, key);
        }

        var first = await ReadAsync(Persistent, 2);
        await RemoveAsync(Persistent, "b");
        await PublishAsync(Persistent, "bb");
        await RemoveAsync(Persistent, "d");
        var second = await ReadAsync(Persistent, 2, first.Cursor);

        Assert.That(second.Entries.Select(entry => entry.Key), Is.EqualTo(new[] { "bb", "c" }));
        Assert.That((first.Cursor, second.Cursor), Is.EqualTo(("b", "")));
    }

    [TestCase("zzz", false)]
    [TestCase("zzz", true)]
    public async Task A_page_after_the_last_key_is_empty(string cursor, bool isOrdered)
    {
        var options = Persistent with { IsOrdered = isOrdered };
        await PublishAsync(options, "a");

        var page = await ReadAsync(options, 10, isOrdered ? $"-1:{cursor}" : cursor);

        Assert.That((page.Entries.Count, page.Cursor), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task One_key_may_be_read_alone()
    {
        await PublishAsync(Persistent, "a", "1");
        await PublishAsync(Persistent, "b", "2");

        var there = await Engine.ReadStateAsync(Channel, Persistent, new(0, Cursor: "z", Key: "a"));
        var nowhere = await Engine.ReadStateAsync(Channel, Persistent, new(10, Key: "c"));

        Assert.That((there.Entries.Single().Key, there.Top.Offset, there.Cursor), Is.EqualTo(("a", 2UL, "")));
        Assert.That((nowhere.Entries.Count, nowhere.Top.Offset), Is.EqualTo((0, 2UL)));
    }

    [Test]
    public async Task A_page_has_at_most_a_thousand_entries_and_none_for_the_position_alone()
    {
        for (var i = 0; i < MapOptions.MostPerPage + 1; i++)
        {
            await PublishAsync(Persistent, $"k{i:0000}");
        }

        var (all, none) = (await ReadAsync(Persistent, -1), await ReadAsync(Persistent, 0));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((all.Entries.Count, all.Cursor), Is.EqualTo((1000, "k0999")));
            Assert.That((none.Entries.Count, none.Cursor, none.Top.Offset), Is.EqualTo((0, "", 1001UL)));
            Assert.That(await Engine.CountAsync(Channel), Is.EqualTo(1001));
        }
    }

    // 12 changes, of which the last 10 are kept.
    [TestCase(0, null, false, ExpectedResult = "")]
    [TestCase(2, null, false, ExpectedResult = "3:k3=v 4:k0=v")]
    [TestCase(2, null, true, ExpectedResult = "12:k0=v 11:k3=v")]
    [TestCase(-1, 10UL, false, ExpectedResult = "11:k3=v 12:k0=v")]
    [TestCase(1, 1UL, false, ExpectedResult = "3:k3=v")]
    [TestCase(-1, 12UL, false, ExpectedResult = "")]
    [TestCase(-1, 99UL, false, ExpectedResult = "")]
    [TestCase(-1, 5UL, true, ExpectedResult = "4:k0=v 3:k3=v")]
    [TestCase(-1, 99UL, true, ExpectedResult = "")]
    public async Task<string> A_filter_chooses_changes_by_limit_place_and_direction(int limit, ulong? since, bool reverse)
    {
        for (var i = 1; i <= 12; i++)
        {
            await PublishAsync(Persistent, $"k{i % 4}");
        }

        return await StreamAsync(Persistent, limit, since, reverse);
    }

    private async Task<(string[] Keys, int Pages)> WalkAsync(MapOptions options, int limit) =>
        await WalkEntriesAsync(options, limit, ascending: false) is var (entries, pages) ? ([.. entries.Select(entry => entry.Key)], pages) : default;

    private async Task<(List<MapPublication> Entries, int Pages)> WalkEntriesAsync(MapOptions options, int limit, bool ascending)
    {
        var entries = new List<MapPublication>();
        var (cursor, pages) = ("", 0);
        do
        {
            var page = await ReadAsync(options, limit, cursor, ascending);
            Assert.That(page.Entries, Has.Count.LessThanOrEqualTo(limit));
            entries.AddRange(page.Entries);
            cursor = page.Cursor;
            pages++;
        }
        while (cursor.Length > 0);
        return (entries, pages);
    }
}
