using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Tests.Engine;

internal sealed class HistoryRulesTests
{
    [TestCase(3UL, "a", false, ExpectedResult = null)]
    [TestCase(3UL, "", false, ExpectedResult = null)]
    [TestCase(3UL, null, false, ExpectedResult = null)]
    [TestCase(0UL, "a", false, ExpectedResult = null)]
    [TestCase(3UL, "b", false, ExpectedResult = 112)]
    [TestCase(3UL, "a", true, ExpectedResult = null)]
    [TestCase(3UL, "b", true, ExpectedResult = 112)]
    [TestCase(0UL, "a", true, ExpectedResult = 107)]
    [TestCase(0UL, "", true, ExpectedResult = 107)]
    public int? A_place_has_to_be_of_this_history_and_backwards_not_the_beginning(ulong offset, string? epoch, bool reverse) =>
        HistoryRules.Refuse(new(10, new StreamPosition(offset, epoch!), reverse), new(5, "a"))?.Code;

    [TestCase(false)]
    [TestCase(true)]
    public void Without_a_place_nothing_is_refused(bool reverse) =>
        Assert.That(HistoryRules.Refuse(new(10, Since: null, reverse), new(5, "a")), Is.Null);

    [TestCase(0, ExpectedResult = 0)]
    [TestCase(1, ExpectedResult = 1)]
    [TestCase(300, ExpectedResult = 300)]
    [TestCase(301, ExpectedResult = 300)]
    [TestCase(int.MaxValue, ExpectedResult = 300)]
    [TestCase(-1, ExpectedResult = 300)]
    [TestCase(int.MinValue, ExpectedResult = 300)]
    public int A_client_gets_at_most_300(int limit) => new HistoryFilter(limit).ForClient(300).Limit;
}
