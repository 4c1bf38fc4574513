using System.Text.Json;
using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Admin;

/// <summary>A console that needs no sign-in, and a broker without an answer about its health.</summary>
public sealed class InsecureAdminTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Api = options.Api with { ShowsAdmin = true, IsAdminInsecure = true, ServerApiKey = null, ShowsHealth = false } };

    [Test]
    public async Task The_console_acts_without_a_session()
    {
        var session = JsonElement.Parse((await SendAsync("/admin/session")).Body);
        var info = await Broker.SendAsync(HttpMethod.Post, "/api/info", "{}".Utf8(), (AdminSessions.Header, "1"));

        Assert.That((session.GetProperty("signedIn").GetBoolean(), session.GetProperty("by").GetString(), info.Status), Is.EqualTo((true, "nothing", 200)));
    }

    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Origin", "https://evil.example")]
    public async Task A_page_of_another_origin_still_cannot_act(string name, string value) => Assert.That(
        (await Broker.SendAsync(HttpMethod.Post, "/api/info", "{}".Utf8(), (AdminSessions.Header, "1"), (name, value))).Status, Is.EqualTo(401));

    [Test]
    public async Task Other_callers_still_need_the_key() =>
        Assert.That((await Broker.SendAsync(HttpMethod.Post, "/api/info", "{}".Utf8())).Status, Is.EqualTo(401));

    [TestCase("/health")]
    [TestCase("/health/ready")]
    [TestCase("/health/live")]
    public async Task Health_may_be_switched_off(string path) => Assert.That((await SendAsync(path)).Status, Is.EqualTo(404));

    private Task<RunningAnswer> SendAsync(string path) => Broker.SendAsync(HttpMethod.Get, path, null, (AdminSessions.Header, "1"));
}
