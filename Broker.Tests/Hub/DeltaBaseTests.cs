using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class DeltaBaseTests
{
    [TestCase(0UL, "7 8 9", ExpectedResult = "full delta delta")]
    [TestCase(6UL, "7 8", ExpectedResult = "delta delta")]
    [TestCase(0UL, "1 2", ExpectedResult = "full delta")]
    [TestCase(6UL, "0 7 8", ExpectedResult = "full full delta")]
    [TestCase(6UL, "7 0 0 8 9", ExpectedResult = "delta full full full delta")]
    [TestCase(6UL, "7 9 10", ExpectedResult = "delta full delta")]
    public string A_delta_is_for_who_has_the_publication_before_it(ulong start, string offsets)
    {
        var deltas = new DeltaBase(start);
        return string.Join(' ', offsets.Split(' ').Select(offset => deltas.TakesDelta(ulong.Parse(offset)) ? "delta" : "full"));
    }

    [TestCase(0UL)]
    [TestCase(9UL)]
    public void In_a_map_each_publication_brings_what_a_delta_is_made_against(ulong offset)
    {
        var deltas = DeltaBase.OfMap;

        Assert.That((deltas.TakesDelta(offset), deltas.TakesDelta(offset)), Is.EqualTo((true, true)));
    }
}
