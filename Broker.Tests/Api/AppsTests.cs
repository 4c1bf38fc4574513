using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

public sealed class AppsTests : RunningBrokerTests
{
    private readonly RunningClock _clock = new();

    private protected override TimeProvider? Time => _clock;

    [Test]
    public async Task A_new_app_comes_with_a_key_that_publishes_for_it()
    {
        var (alice, made) = await MakeAsync("shop");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(made.Status, Is.EqualTo(200));
            Assert.That(WithoutKey(made.Body), Is.EqualTo($$"""{"ok":true,"app":{"name":"shop","createdAt":{{Now}},"owner":"alice"},"key":KEY,"hint":"Store this key securely. It is shown only this once."}"""));
            Assert.That((await PublishAsync(KeyIn(made.Body), "app.shop.orders")).Status, Is.EqualTo(200));
            Assert.That(await PublishAsync(alice, "app.shop.orders"), Is.EqualTo(RunningAnswer.Denied("only the app can publish to app.* channels", "not_owner")));
        }
    }

    [TestCase("{}", "app name required")]
    [TestCase("""{"name":"  "}""", "app name required")]
    [TestCase("null", "app name required")]
    [TestCase("[]", "app name required")]
    [TestCase("""{"name":5}""", "the body must be a JSON object with a text field name")]
    [TestCase("nonsense", "the body must be a JSON object with a text field name")]
    [TestCase("""{"name":"ab"}""", InvalidName)]
    [TestCase("""{"name":"a23456789012345678901234567890123"}""", InvalidName)]
    [TestCase("""{"name":"a.b.c"}""", InvalidName)]
    [TestCase("""{"name":"a:b:c"}""", InvalidName)]
    [TestCase("""{"name":"app*"}""", InvalidName)]
    [TestCase("""{"name":"sh\nop"}""", InvalidName)]
    [TestCase("""{"name":"sh\u043ep"}""", InvalidName)]
    [TestCase("""{"name":"sh\u200bop"}""", InvalidName)]
    [TestCase("""{"name":"sh-op"}""", InvalidName)]
    public async Task An_invalid_name_is_refused(string body, string error)
    {
        var alice = await Broker.RegisterAsync("alice");

        Assert.That(await Broker.PostAsync("/api/apps", body, alice), Is.EqualTo(RunningAnswer.Error(400, error)));
        Assert.That(await GetAsync("/api/apps", alice), Is.EqualTo(RunningAnswer.Json(200, """{"ok":true,"count":0,"apps":[]}""")));
    }

    [Test]
    public async Task An_existing_name_is_a_conflict()
    {
        await MakeAsync("shop");
        var bob = await Broker.RegisterAsync("bob");

        Assert.That(await Broker.PostAsync("/api/apps", """{"name":"shop"}""", bob), Is.EqualTo(RunningAnswer.Error(409, "app name already exists")));
    }

    [Test]
    public async Task Of_simultaneous_requests_for_one_name_one_succeeds()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Broker.RegisterAsync($"agent{number}")));

        var answers = await Task.WhenAll(tokens.Select(token => Broker.PostAsync("/api/apps", """{"name":"shop"}""", token)));

        Assert.That(answers.Select(answer => answer.Status).Order(), Is.EqualTo(new[] { 200 }.Concat(Enumerable.Repeat(409, 7))));
    }

    [Test]
    public async Task Ones_own_apps_are_listed_newest_first()
    {
        var (alice, _) = await MakeAsync("first");
        var before = Now;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Broker.PostAsync("/api/apps", """{"name":"second"}""", alice);
        await Broker.PostAsync("/api/apps", """{"name":"other"}""", await Broker.RegisterAsync("bob"));

        Assert.That((await GetAsync("/api/apps", alice)).Body, Is.EqualTo(
            $$"""{"ok":true,"count":2,"apps":[{"name":"second","createdAt":{{Now}},"owner":"alice"},{"name":"first","createdAt":{{before}},"owner":"alice"}]}"""));
    }

    [Test]
    public async Task An_owner_has_a_hundred_apps_at_most()
    {
        var alice = await Broker.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Broker.PostAsync("/api/apps", $$"""{"name":"app{{number}}"}""", alice)));

        Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(200));
        Assert.That(await Broker.PostAsync("/api/apps", """{"name":"one_more"}""", alice), Is.EqualTo(RunningAnswer.Error(400, "too many apps (max 100 per owner): delete another one first")));
    }

    [Test]
    public async Task A_rotated_key_stops_working_immediately_over_HTTP_and_WebSocket()
    {
        var (alice, made) = await MakeAsync("shop");
        var old = KeyIn(made.Body);
        var open = await Broker.ConnectAsync(old);

        var rotated = await Broker.PostAsync("/api/apps/shop/rotate", "", alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await open.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
            Assert.That(WithoutKey(rotated.Body), Is.EqualTo($$"""{"ok":true,"app":{"name":"shop","createdAt":{{Now}},"owner":"alice"},"key":KEY,"hint":"Store this key securely. The old key has been revoked."}"""));
            Assert.That(KeyIn(rotated.Body), Is.Not.EqualTo(old));
            Assert.That((await PublishAsync(KeyIn(rotated.Body), "app.shop.x")).Status, Is.EqualTo(200));
            await AssertIsEndedAsync(old);
        }
    }

    [Test]
    public async Task A_deleted_app_is_gone_with_its_key_and_its_name_is_free()
    {
        var (alice, made) = await MakeAsync("shop");
        var open = await Broker.ConnectAsync(KeyIn(made.Body));

        var deleted = await DeleteAsync("/api/apps/shop", alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await open.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
            Assert.That(deleted, Is.EqualTo(RunningAnswer.Json(200, """{"ok":true,"deleted":true,"appName":"shop"}""")));
            Assert.That(await GetAsync("/api/apps/shop", alice), Is.EqualTo(RunningAnswer.Error(404, "app not found")));
            await AssertIsEndedAsync(KeyIn(made.Body));
            Assert.That((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", await Broker.RegisterAsync("bob"))).Status, Is.EqualTo(200));
            await AssertIsEndedAsync(KeyIn(made.Body));
        }
    }

    [TestCase("GET", "/api/apps/shop", "not authorized to view this app")]
    [TestCase("POST", "/api/apps/shop/rotate", "not authorized to rotate this app's key")]
    [TestCase("DELETE", "/api/apps/shop", "not authorized to delete this app")]
    public async Task An_app_can_be_managed_only_by_its_owner(string method, string path, string error)
    {
        var (_, made) = await MakeAsync("shop");
        var (bob, key) = (await Broker.RegisterAsync("bob"), KeyIn(made.Body));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await SendAsync(method, path, bob), Is.EqualTo(RunningAnswer.Error(403, error)));
            Assert.That(await SendAsync(method, path, key), Is.EqualTo(RunningAnswer.Error(403, error)), "the app itself");
            Assert.That(await SendAsync(method, path.Replace("shop", "none", StringComparison.Ordinal), bob), Is.EqualTo(RunningAnswer.Error(404, "app not found")));
            Assert.That(await SendAsync(method, path, "nonsense"), Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
            Assert.That((await PublishAsync(key, "app.shop.x")).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task An_apps_key_does_not_expire()
    {
        var (_, made) = await MakeAsync("shop");

        _clock.Advance(TimeSpan.FromDays(400));

        Assert.That((await PublishAsync(KeyIn(made.Body), "app.shop.x")).Status, Is.EqualTo(200));
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private const string InvalidName = "invalid app name. must be 3-32 alphanumeric characters or underscores, no dots";

    private async Task<(string Owner, RunningAnswer Made)> MakeAsync(string name)
    {
        var alice = await Broker.RegisterAsync("alice");
        return (alice, await Broker.PostAsync("/api/apps", $$"""{"name":"{{name}}"}""", alice));
    }

    private async Task AssertIsEndedAsync(string key)
    {
        Assert.That(await PublishAsync(key, "app.shop.x"), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
        var client = await Broker.UpgradeAsync();
        await client.SendTextAsync($$$"""{"id":1,"connect":{"token":"{{{key}}}"}}""");
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3500, "invalid token")));
    }

    private Task<RunningAnswer> PublishAsync(string token, string channel) => Broker.PostAsync("/api/publish", $$"""{"channel":"{{channel}}"}""", token);

    private Task<RunningAnswer> GetAsync(string path, string token) => SendAsync("GET", path, token);

    private Task<RunningAnswer> DeleteAsync(string path, string token) => SendAsync("DELETE", path, token);

    private Task<RunningAnswer> SendAsync(string method, string path, string token) =>
        Broker.SendAsync(new HttpMethod(method), path, null, ("Authorization", $"Bearer {token}"));

    private static string KeyIn(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("key").GetString()!;
    }

    private static string WithoutKey(string body) => body.Replace($"\"{KeyIn(body)}\"", "KEY", StringComparison.Ordinal);
}
