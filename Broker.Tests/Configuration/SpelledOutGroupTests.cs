using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class SpelledOutGroupTests
{
    [TestCase("^https://id/(?P<realm>one|two)$")]
    [TestCase("^https://(?<realm>a\\.example|b\\-c)/.*$")]
    [TestCase("^(?P<realm>tenant(?:1|2|(3)))\\.id$")]
    [TestCase("(?P<realm>one)|(?P<realm>two)")]
    public void A_group_that_lists_texts_is_spelled_out(string pattern) => Assert.That(SpelledOutGroup.Is(pattern, "realm"), Is.True);

    [TestCase("^https://id/(?P<realm>[a-z]+)$")]
    [TestCase("(?P<realm>.one)")]
    [TestCase("(?P<realm>one*)")]
    [TestCase("(?P<realm>one|t?wo)")]
    [TestCase("(?P<realm>\\w)")]
    [TestCase("(?P<realm>a{2})")]
    [TestCase("(?P<realm>one)+")]
    [TestCase("(?P<realm>one)|(?P<realm>.*)")]
    [TestCase("(?P<realm>one)|(?'realm'.*)")]
    [TestCase("(?P<realm>one(?P<other>.))")]
    [TestCase("(?P<other>one)")]
    public void Any_other_group_is_not(string pattern) => Assert.That(SpelledOutGroup.Is(pattern, "realm"), Is.False);
}
