using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class WebhookUrlTests
{
    [TestCase("https://example.com/hook?a=b")]
    [TestCase("https://example.com:8443")]
    [TestCase("https://1.1.1.1/")]
    [TestCase("https://[2606:4700:4700::1111]/")]
    public void A_public_https_address_is_accepted(string url) => Assert.That(FaultOf(url), Is.Null);

    [TestCase("", "absolute address")]
    [TestCase("/hook", "https://")]
    [TestCase("example.com", "absolute address")]
    [TestCase("https://", "absolute address")]
    [TestCase("https://exämple.com/", "ASCII")]
    [TestCase("https://example.com/a b", "ASCII")]
    [TestCase("https://example.com/\r\nX: y", "ASCII")]
    [TestCase("http://example.com/", "https://")]
    [TestCase("ftp://example.com/", "https://")]
    [TestCase("file:///etc/passwd", "absolute address")]
    [TestCase("https://user:password@example.com/", "user name")]
    [TestCase("https://example.com/#part", "fragment")]
    [TestCase("https://127.0.0.1/", "not public")]
    [TestCase("https://0x7f.1/", "not public")]
    [TestCase("https://2130706433/", "not public")]
    [TestCase("https://[::1]/", "not public")]
    [TestCase("https://[::ffff:10.0.0.1]/", "not public")]
    [TestCase("https://169.254.169.254/latest/meta-data", "not public")]
    public void A_refusal_says_what_would_be_right(string url, string part) => Assert.That(FaultOf(url), Does.Contain(part));

    [Test]
    public void A_long_address_is_refused() => Assert.That(FaultOf($"https://example.com/{new string('a', 2048)}"), Does.Contain("2048"));

    [Test]
    public void A_setting_allows_plain_HTTP() => Assert.That(FaultOf("http://example.com/", new() { AllowsHttp = true }), Is.Null);

    [Test]
    public void A_setting_allows_networks() => Assert.That(FaultOf("https://10.0.0.1/", new() { AllowedNetworks = [IPNetwork.Parse("10.0.0.0/8")] }), Is.Null);

    private static string? FaultOf(string url, WebhookOptions? options = null) =>
        new WebhookUrl(options ?? new(), new AddressFilter((options ?? new()).AllowedNetworks)).FindFault(url);
}
