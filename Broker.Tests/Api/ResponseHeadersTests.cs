using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The headers of every response for browsers.</summary>
public sealed class ResponseHeadersTests : RunningBrokerTests
{
    [TestCase("GET", "/health")]
    [TestCase("GET", "/no-such-path")]
    [TestCase("POST", "/auth/dev-register")]
    [TestCase("POST", "/api/publish")]
    public async Task Browsers_are_told_to_cache_guess_and_run_nothing(string method, string path)
    {
        using var response = await Broker.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.Headers.GetValues("Cache-Control"), Is.EqualTo(new[] { "no-store" }));
            Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
            Assert.That(response.Headers.GetValues("Referrer-Policy"), Is.EqualTo(new[] { "no-referrer" }));
            Assert.That(response.Headers.GetValues("Content-Security-Policy"), Is.EqualTo(new[] { "default-src 'none'; frame-ancestors 'none'" }));
            Assert.That(response.Headers.Contains("Server"), Is.False);
        }
    }

    [Test]
    public async Task Pages_of_other_origins_are_not_allowed_by_default()
    {
        using var request = CrossOrigin.Request(HttpMethod.Get, "/health", "https://page.example");
        using var response = await Broker.Http.SendAsync(request);

        Assert.That(response.Headers.Contains("Access-Control-Allow-Origin"), Is.False);
    }
}

/// <summary>The setting AllowedOrigins, for the HTTP API.</summary>
public sealed class AllowedPagesTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { AllowedOrigins = ["https://*.example"] } };

    [TestCase("https://page.example", "https://page.example")]
    [TestCase("https://page.example.org", null)]
    [TestCase("http://page.example", null)]
    [TestCase("null", null)]
    public async Task A_page_may_read_answers_if_its_origin_matches(string origin, string? allowed)
    {
        using var request = CrossOrigin.Request(HttpMethod.Get, "/health", origin);
        using var response = await Broker.Http.SendAsync(request);

        Assert.That(CrossOrigin.AllowedOrigin(response), Is.EqualTo(allowed));
        Assert.That(response.Headers.Contains("Access-Control-Allow-Credentials"), Is.False);
    }

    [TestCase("https://page.example", "POST", "authorization,content-type", "https://page.example")]
    [TestCase("https://page.example", "DELETE", "authorization", "https://page.example")]
    [TestCase("https://other.org", "POST", "authorization", null)]
    public async Task A_preflight_request_is_answered(string origin, string method, string headers, string? allowed)
    {
        using var request = CrossOrigin.Request(HttpMethod.Options, "/api/publish", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);
        using var response = await Broker.Http.SendAsync(request);

        Assert.That(CrossOrigin.AllowedOrigin(response), Is.EqualTo(allowed));
        if (allowed is not null)
        {
            Assert.That(response.Headers.GetValues("Access-Control-Allow-Methods").Single().Split(','), Does.Contain(method));
            Assert.That(response.Headers.GetValues("Access-Control-Allow-Headers").Single().Split(','), Is.SupersetOf(new[] { "Authorization", "Content-Type" }));
        }
    }

    [Test]
    public async Task A_page_can_read_a_refusal()
    {
        using var request = CrossOrigin.Request(HttpMethod.Post, "/api/publish", "https://page.example");
        using var response = await Broker.Http.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(401));
        Assert.That(CrossOrigin.AllowedOrigin(response), Is.EqualTo("https://page.example"));
    }
}
