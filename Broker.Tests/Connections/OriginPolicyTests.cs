using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Tests.Connections;

internal sealed class OriginPolicyTests
{
    [TestCase(null)]
    [TestCase("")]
    public void A_client_without_an_origin_may_always_connect(string? origin)
    {
        Assert.That(new OriginPolicy([]).Allows(origin, "broker.example"), Is.True);
        Assert.That(new OriginPolicy(["https://page.example"]).Allows(origin, "broker.example"), Is.True);
    }

    [TestCase("https://broker.example", "broker.example", true)]
    [TestCase("http://broker.example", "broker.example", true)]
    [TestCase("HTTPS://Broker.Example", "broker.EXAMPLE", true)]
    [TestCase("https://broker.example:443", "broker.example", true)]
    [TestCase("https://broker.example", "broker.example:443", true)]
    [TestCase("http://broker.example", "broker.example:80", true)]
    [TestCase("http://localhost:8080", "localhost:8080", true)]
    [TestCase("http://[::1]:8080", "[::1]:8080", true)]
    [TestCase("https://broker.example:80", "broker.example", false)]
    [TestCase("http://broker.example", "broker.example:443", false)]
    [TestCase("http://localhost:3000", "localhost:8080", false)]
    [TestCase("https://evil.example", "broker.example", false)]
    [TestCase("https://broker.example.evil.example", "broker.example", false)]
    [TestCase("https://sub.broker.example", "broker.example", false)]
    [TestCase("null", "broker.example", false)]
    [TestCase("null", "null", false)]
    [TestCase("broker.example", "broker.example", false)]
    [TestCase("file:///broker.example", "broker.example", false)]
    [TestCase("file://", "", false)]
    [TestCase("https://", "", false)]
    [TestCase("https://broker.example", null, false)]
    [TestCase("https://broker.example", "", false)]
    [TestCase("https://broker.example", "broker example", false)]
    public void Without_patterns_only_pages_of_the_same_host_may_connect(string origin, string? host, bool allowed)
    {
        Assert.That(new OriginPolicy([]).Allows(origin, host), Is.EqualTo(allowed));
    }

    [TestCase("*", "https://anything.example:1", true)]
    [TestCase("*", "null", true)]
    [TestCase("https://page.example", "https://page.example", true)]
    [TestCase("https://page.example", "HTTPS://PAGE.example", true)]
    [TestCase("HTTPS://Page.Example", "https://page.example", true)]
    [TestCase("https://page.example", "http://page.example", false)]
    [TestCase("https://page.example", "https://page.example:444", false)]
    [TestCase("https://page.example", "https://page.example.evil", false)]
    [TestCase("https://page.example", "xhttps://page.example", false)]
    [TestCase("https://page.example", "https://pageXexample", false)]
    [TestCase("https://*.example", "https://a.b.example", true)]
    [TestCase("https://*.example", "https://example", false)]
    [TestCase("https://*.example", "https://a.example:8080", false)]
    [TestCase("http://localhost:*", "http://localhost:3000", true)]
    [TestCase("http://localhost:*", "http://localhost", false)]
    [TestCase("https://a?.example", "https://ab.example", true)]
    [TestCase("https://a?.example", "https://a.example", false)]
    [TestCase("https://a?.example", "https://abc.example", false)]
    [TestCase("https://{a,b}.example", "https://a.example", true)]
    [TestCase("https://{a,b}.example", "https://b.example", true)]
    [TestCase("https://{a,b}.example", "https://c.example", false)]
    [TestCase("https://{a,b}.example", "https://a,b.example", false)]
    [TestCase("https://{a*,b.c}.example", "https://abc.example", true)]
    [TestCase("{http,https}://page.example", "http://page.example", true)]
    [TestCase("https://[ab].example", "https://b.example", true)]
    [TestCase("https://[ab].example", "https://c.example", false)]
    [TestCase("https://[a-c]1.example", "https://b1.example", true)]
    [TestCase("https://[a-c]1.example", "https://d1.example", false)]
    [TestCase("https://[*?].example", "https://x.example", false)]
    [TestCase("https://[^a].example", "https://b.example", false)]
    [TestCase("a,b", "a,b", true)]
    [TestCase("(a|b)+$", "a", false)]
    [TestCase("null", "null", true)]
    [TestCase("https://page.example", "null", false)]
    public void Patterns_are_globs_over_the_whole_origin_in_any_case(string pattern, string origin, bool allowed)
    {
        Assert.That(new OriginPolicy([pattern]).Allows(origin, "broker.example"), Is.EqualTo(allowed));
    }

    [Test]
    public void One_matching_pattern_is_enough_and_the_own_host_needs_one_too()
    {
        var policy = new OriginPolicy(["https://a.example", "https://b.example"]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(policy.Allows("https://b.example", "broker.example"), Is.True);
            Assert.That(policy.Allows("https://c.example", "broker.example"), Is.False);
            Assert.That(policy.Allows("https://broker.example", "broker.example"), Is.False);
        }
    }

    [Test]
    [CancelAfter(5_000)]
    public async Task A_long_origin_is_judged_quickly(CancellationToken cancellation)
    {
        var policy = new OriginPolicy(["*a*a*a*a*a*a*a*a*b"]);
        var origin = "https://" + new string('a', 7_000);

        var allowed = await Task.Run(() => policy.Allows(origin, "broker.example"), cancellation).WaitAsync(cancellation);

        Assert.That(allowed, Is.False);
    }
}
