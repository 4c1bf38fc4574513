using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class HistoryGapTests
{
    [Test]
    public void Nothing_is_missing_when_the_history_goes_on_behind_the_cursor() => Assert.That(Find(new(4, "e"), top: new(6, "e"), 5, 6), Is.Null);

    [Test]
    public void Nothing_is_missing_when_there_is_nothing_new() => Assert.That(Find(new(6, "e"), top: new(6, "e")), Is.Null);

    [Test]
    public void Publications_before_the_oldest_one_are_missing() =>
        Assert.That(Find(new(2, "e"), top: new(6, "e"), 5, 6), Is.EqualTo(new HistoryGap(new(4, "e"), 2)));

    [Test]
    public void All_are_missing_when_the_history_was_removed() => Assert.That(Find(new(2, "e"), top: new(6, "e")), Is.EqualTo(new HistoryGap(new(6, "e"), 4)));

    [Test]
    public void A_history_that_began_again_is_delivered_from_its_beginning() =>
        Assert.That(Find(new(9, "old"), top: new(2, "new"), 1, 2), Is.EqualTo(new HistoryGap(new(0, "new"), null)));

    [Test]
    public void A_history_that_began_again_and_has_lost_its_oldest_is_one_gap() =>
        Assert.That(Find(new(9, "old"), top: new(12, "new"), 11, 12), Is.EqualTo(new HistoryGap(new(10, "new"), null)));

    [Test]
    public void A_history_that_lost_its_newest_goes_on_at_its_top() => Assert.That(Find(new(9, "e"), top: new(7, "e")), Is.EqualTo(new HistoryGap(new(7, "e"), null)));

    private static HistoryGap? Find(StreamPosition cursor, StreamPosition top, params ulong[] offsets) =>
        HistoryGap.Find(cursor, new([.. offsets.Select(offset => new StoredPublication(offset, default))], top));
}
