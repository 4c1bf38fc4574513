using System.Collections.Frozen;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Proxies;

internal sealed class ClientHeadersTests
{
    private static readonly ProxySettings Proxy = new("backend", new Uri("http://localhost/"))
    {
        Headers = ["Cookie", "X-Real-IP", "Content-Type", "Host", "Connection"],
        EmulatedHeaders = ["authorization", "COOKIE"],
        StaticHeaders = new Dictionary<string, string> { ["X-Key"] = "static", ["cookie"] = "static", ["Content-Length"] = "5" },
    };

    [Test]
    [Checklist(162)]
    public void Only_listed_headers_are_forwarded_in_any_case()
    {
        var headers = Of(("cookie", "a=1"), ("COOKIE", "b=2"), ("Origin", "https://a.example"), ("x-real-ip", "1.2.3.4"), ("X-Forwarded-For", "1.2.3.4"));

        Assert.That(Sent(headers), Is.EquivalentTo(new[] { "X-Key: static", "cookie: a=1", "COOKIE: b=2", "x-real-ip: 1.2.3.4" }));
    }

    [Test]
    public void Request_headers_win_over_connect_headers_and_those_over_static_ones()
    {
        var emulated = new (string, string)[] { ("Authorization", "Bearer x"), ("Cookie", "emulated"), ("X-Real-IP", "6.6.6.6") };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sent(Of(("Cookie", "real")), emulated), Is.EquivalentTo(new[] { "X-Key: static", "Cookie: real", "Authorization: Bearer x" }));
            Assert.That(Sent(ClientHeaders.None, emulated), Is.EquivalentTo(new[] { "X-Key: static", "Cookie: emulated", "Authorization: Bearer x" }));
            Assert.That(Sent(ClientHeaders.None), Is.EquivalentTo(new[] { "X-Key: static", "cookie: static" }));
        }
    }

    [TestCase("Content-Type")]
    [TestCase("Host")]
    [TestCase("connection")]
    public void Headers_about_the_bytes_on_the_wire_are_never_forwarded(string name) =>
        Assert.That(Sent(Of((name, "x"))), Is.EquivalentTo(new[] { "X-Key: static", "cookie: static" }));

    [TestCase("a\r\nX-Admin: 1")]
    [TestCase("a\nb")]
    [TestCase("a\0b")]
    [TestCase("é")]
    public void A_value_that_no_header_can_carry_is_not_forwarded(string value) =>
        Assert.That(Sent(ClientHeaders.None, ("Authorization", value)), Is.EquivalentTo(new[] { "X-Key: static", "cookie: static" }));

    [Test]
    public void A_back_end_gets_the_headers_of_its_own_list_only()
    {
        var headers = Of(("Cookie", "a=1"), ("X-Real-IP", "1.2.3.4"));

        Assert.That(
            headers.For(new ProxySettings("other", new Uri("http://localhost/")) { Headers = ["X-Real-Ip"] }).Select(header => header.Key),
            Is.EqualTo(new[] { "X-Real-IP" }));
    }

    [Test]
    public void Connections_without_forwarded_headers_share_one_instance()
    {
        var nobody = FrozenSet<string>.Empty;

        Assert.That(ClientHeaders.Of(Pairs(("Cookie", "a")), nobody), Is.SameAs(ClientHeaders.None));
        Assert.That(ClientHeaders.None.WithEmulated(Pairs(("Cookie", "a")), nobody), Is.SameAs(ClientHeaders.None));
    }

    private static ClientHeaders Of(params (string, string)[] headers) => ClientHeaders.Of(Pairs(headers), Options.Headers);

    private static IEnumerable<string> Sent(ClientHeaders headers, params (string, string)[] emulated) =>
        headers.WithEmulated(Pairs(emulated), Options.EmulatedHeaders).For(Proxy).Select(header => $"{header.Key}: {header.Value}");

    private static ProxyOptions Options { get; } = new(new Dictionary<string, ProxySettings> { ["backend"] = Proxy });

    private static IEnumerable<KeyValuePair<string, string>> Pairs(params (string Name, string Value)[] headers) =>
        headers.Select(header => KeyValuePair.Create(header.Name, header.Value));
}
