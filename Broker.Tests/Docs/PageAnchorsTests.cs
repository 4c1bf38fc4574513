namespace ClawEvents.Broker.Tests.Docs;

public sealed class PageAnchorsTests
{
    [TestCase("# One page", "one-page")]
    [TestCase("## REDIS_URL", "redis_url")]
    [TestCase("### The command `claw.events`", "the-command-clawevents")]
    [TestCase("## Presence, joins and leaves", "presence-joins-and-leaves")]
    [TestCase("## Ping/pong", "pingpong")]
    [TestCase("## One - two", "one---two")]
    [TestCase("## See [the page](other.md#x)", "see-the-page")]
    public void An_anchor_is_the_heading_in_small_letters_with_hyphens_for_spaces(string heading, string anchor) =>
        Assert.That(PageAnchors.Of(heading), Is.EqualTo(new[] { anchor }));

    [Test]
    public void A_heading_that_comes_again_has_a_number() =>
        Assert.That(PageAnchors.Of("# A\n## B\n## B\n## B\n"), Is.EqualTo(new[] { "a", "b", "b-1", "b-2" }));

    [Test]
    public void A_comment_in_a_block_of_code_is_not_a_heading() =>
        Assert.That(PageAnchors.Of("# A\n```bash\n# b\n```\n"), Is.EqualTo(new[] { "a" }));
}
