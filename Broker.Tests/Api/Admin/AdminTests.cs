using System.Text.Json;
using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Admin;

/// <summary>Signing in to the console, and what a session is good for.</summary>
[Checklist(180)]
public sealed class AdminTests : RunningBrokerTests
{
    private const string Password = "a password of an operator";

    private readonly ManualTimeProvider _time = new();

    private protected override TimeProvider? Time => _time;

    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Api = options.Api with { ShowsAdmin = true, AdminPassword = Password }, Addresses = options.Addresses with { SignIns = new(0.001, 5) } };

    [TestCase(Password)]
    [TestCase(RunningBroker.Key)]
    public async Task A_session_counts_as_the_key_of_the_server_API(string password)
    {
        var cookie = await SignInAsync(password);

        var info = await SendAsync(HttpMethod.Post, "/api/info", "{}", cookie);
        var publish = await SendAsync(HttpMethod.Post, "/api/publish", """{"channel":"public.a","data":1}""", cookie);
        var top = await SendAsync(HttpMethod.Get, "/api/top", null, cookie);

        Assert.That((info.Status, publish.Status, publish.Body, top.Status), Is.EqualTo((200, 200, """{"result":{"offset":0,"epoch":""}}""", 200)).Or.EqualTo((200, 200, """{"result":{}}""", 200)));
    }

    [Test]
    public async Task A_wrong_password_opens_nothing_and_is_counted()
    {
        var answer = await Broker.SignInAsync("wrong");

        Assert.That((answer.Status, answer.Body, answer.Cookie), Is.EqualTo((401, """{"error":"wrong password"}""", "")));
    }

    [Test]
    public async Task Passwords_are_tried_only_so_often()
    {
        for (var i = 0; i < 5; i++)
        {
            await Broker.SignInAsync("wrong");
        }

        Assert.That((await Broker.SignInAsync(Password)).Status, Is.EqualTo(429));
    }

    [Test]
    public async Task The_cookie_is_for_this_server_alone_and_no_script_reads_it()
    {
        var answer = await Broker.SignInAsync(Password);

        Assert.That(answer.Cookie, Does.StartWith("claw_admin=").And.Contain("httponly").And.Contain("samesite=strict").And.Contain("path=/").And.Contain("max-age=43200").And.Not.Contain("secure"));
    }

    [Test]
    public async Task Without_the_header_of_the_console_the_cookie_counts_for_nothing()
    {
        var cookie = await SignInAsync(Password);

        var answer = await Broker.SendAsync(HttpMethod.Post, "/api/info", "{}".Utf8(), ("Cookie", cookie));
        var login = await Broker.SendAsync(HttpMethod.Post, "/admin/login", $$"""{"password":"{{Password}}"}""".Utf8());

        Assert.That((answer.Status, login.Status), Is.EqualTo((401, 403)));
    }

    [Test]
    public async Task The_own_page_acts_with_the_headers_that_browsers_send()
    {
        var cookie = await SignInAsync(Password);

        var answer = await Broker.SendAsync(
            HttpMethod.Post, "/api/info", "{}".Utf8(), ("Cookie", cookie), (AdminSessions.Header, "1"), ("Sec-Fetch-Site", "same-origin"), ("Origin", Broker.Url.GetLeftPart(UriPartial.Authority)));

        Assert.That(answer.Status, Is.EqualTo(200));
    }

    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Sec-Fetch-Site", "same-site")]
    [TestCase("Origin", "https://evil.example")]
    [TestCase("Origin", "null")]
    public async Task A_page_of_another_origin_cannot_act(string name, string value)
    {
        var cookie = await SignInAsync(Password);

        var answer = await Broker.SendAsync(HttpMethod.Post, "/api/info", "{}".Utf8(), ("Cookie", cookie), (AdminSessions.Header, "1"), (name, value));

        Assert.That(answer.Status, Is.EqualTo(401));
    }

    [Test]
    public async Task A_session_ends_with_signing_out()
    {
        var cookie = await SignInAsync(Password);

        var before = await IsSignedInAsync(cookie);
        await SendAsync(HttpMethod.Post, "/admin/logout", "{}", cookie);

        Assert.That((before, await IsSignedInAsync(cookie)), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_session_ends_after_twelve_hours()
    {
        var cookie = await SignInAsync(Password);

        _time.Advance(AdminSessions.Lifetime - TimeSpan.FromSeconds(1));
        var before = await IsSignedInAsync(cookie);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((before, await IsSignedInAsync(cookie)), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_changed_cookie_opens_nothing()
    {
        var cookie = await SignInAsync(Password);

        for (var i = cookie.IndexOf('=', StringComparison.Ordinal) + 1; i < cookie.Length - 1; i++)
        {
            var changed = cookie[..i] + (cookie[i] == 'A' ? 'B' : 'A') + cookie[(i + 1)..];
            Assert.That(await IsSignedInAsync(changed), Is.False, changed);
        }
    }

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("{\"password\":1}")]
    [TestCase("{\"password\":null}")]
    [TestCase("x")]
    public async Task A_sign_in_needs_a_password(string body) =>
        Assert.That((await Broker.SendAsync(HttpMethod.Post, "/admin/login", body.Utf8(), (AdminSessions.Header, "1"))).Status, Is.EqualTo(400));

    [Test]
    public async Task Another_password_ends_the_sessions()
    {
        var cookie = await SignInAsync(Password);

        Broker.Get<AdminSessions>().ApplySettings(new() { ShowsAdmin = true, AdminPassword = "another" });

        Assert.That(await IsSignedInAsync(cookie), Is.False);
        Assert.That((await Broker.SignInAsync(Password)).Status, Is.EqualTo(401));
        Assert.That((await Broker.SignInAsync("another")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_secret_of_its_own_signs_the_sessions()
    {
        var cookie = await SignInAsync(Password);
        var sessions = Broker.Get<AdminSessions>();

        sessions.ApplySettings(new() { ShowsAdmin = true, AdminPassword = Password, ServerApiKey = RunningBroker.Key, AdminSecret = "one" });
        var before = await IsSignedInAsync(cookie);
        var own = await SignInAsync(Password);

        Assert.That((before, await IsSignedInAsync(own)), Is.EqualTo((false, true)));
        sessions.ApplySettings(new() { ShowsAdmin = true, AdminPassword = Password, ServerApiKey = RunningBroker.Key, AdminSecret = "another" });
        Assert.That(await IsSignedInAsync(own), Is.False);
    }

    [Test]
    public async Task The_session_tells_what_opens_the_console()
    {
        var answer = JsonElement.Parse((await Broker.SendAsync(HttpMethod.Get, "/admin/session", null)).Body);

        Assert.That((answer.GetProperty("signedIn").GetBoolean(), answer.GetProperty("by").GetString()), Is.EqualTo((false, "both")));
    }

    private async Task<string> SignInAsync(string password)
    {
        var answer = await Broker.SignInAsync(password);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return answer.Cookie.Split(';')[0];
    }

    private Task<RunningAnswer> SendAsync(HttpMethod method, string path, string? body, string cookie) =>
        Broker.SendAsync(method, path, body?.Utf8(), ("Cookie", cookie), (AdminSessions.Header, "1"));

    private async Task<bool> IsSignedInAsync(string cookie) =>
        JsonElement.Parse((await SendAsync(HttpMethod.Get, "/admin/session", null, cookie)).Body).GetProperty("signedIn").GetBoolean();
}

/// <summary>Where the console is not.</summary>
public sealed class ClosedAdminTests : RunningBrokerTests
{
    [TestCase("/admin")]
    [TestCase("/admin")]
    [TestCase("/admin/session")]
    public async Task Until_it_is_configured_there_is_no_console(string path) => Assert.That((await Broker.SendAsync(HttpMethod.Get, path, null)).Status, Is.EqualTo(404));
}

/// <summary>The console with a port for operators.</summary>
public sealed class InternalAdminTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Listeners = options.Listeners with { InternalPort = 0 }, Api = options.Api with { ShowsAdmin = true, IsServerApiExternal = true } };

    [TestCase("/admin")]
    [TestCase("/admin/session")]
    public async Task It_is_on_that_port_alone(string path)
    {
        var here = await Broker.SendAsync(HttpMethod.Get, new Uri(Broker.InternalUrl, path).ToString(), null);
        var there = await Broker.SendAsync(HttpMethod.Get, path, null);

        Assert.That((here.Status, there.Status), Is.EqualTo((200, 404)));
    }

    [Test]
    public async Task A_session_counts_on_that_port_alone()
    {
        var session = ("Cookie", (await Broker.SignInAsync(RunningBroker.Key, Broker.InternalUrl)).Cookie.Split(';')[0]);

        var here = await Broker.SendAsync(HttpMethod.Post, new Uri(Broker.InternalUrl, "/api/info").ToString(), "{}".Utf8(), session, (AdminSessions.Header, "1"));
        var there = await Broker.SendAsync(HttpMethod.Post, "/api/info", "{}".Utf8(), session, (AdminSessions.Header, "1"));

        Assert.That((here.Status, there.Status), Is.EqualTo((200, 401)));
    }
}
