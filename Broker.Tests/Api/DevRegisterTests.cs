using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

public sealed class DevRegisterTests : RunningBrokerTests
{
    private const string Path = "/auth/dev-register";
    private const string Rule = "invalid username: 1 to 64 letters, digits or any of _ - @ # +, and not 'anonymous'";

    [Test]
    public async Task A_registration_returns_a_token_the_name_and_a_hint()
    {
        var answer = await Broker.PostAsync(Path, """{"username":"alice"}""");

        using var json = JsonDocument.Parse(answer.Body);
        var token = json.RootElement.GetProperty("token").GetString();
        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(
            200, $$"""{"token":"{{token}}","username":"alice","hint":"Dev mode API key created. Store it securely."}""")));
    }

    [Test]
    public async Task A_name_is_trimmed()
    {
        var answer = await Broker.PostAsync(Path, """{"username":" \talice\n "}""");

        Assert.That(answer.Body, Does.Contain("""
            "username":"alice"
            """));
    }

    [Test]
    public async Task A_token_is_a_JWT_for_seven_days_with_a_unique_id()
    {
        var first = Claims(await Broker.RegisterAsync("alice"));
        var second = Claims(await Broker.RegisterAsync("alice"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.GetProperty("sub").GetString(), Is.EqualTo("alice"));
            Assert.That(first.GetProperty("type").GetString(), Is.EqualTo("apikey"));
            Assert.That(first.GetProperty("exp").GetInt64() - first.GetProperty("iat").GetInt64(), Is.EqualTo(604_800));
            Assert.That(first.GetProperty("jti").GetString(), Is.Not.EqualTo(second.GetProperty("jti").GetString()));
        }
    }

    [Test]
    public async Task A_new_token_revokes_the_old_one()
    {
        var old = await Broker.RegisterAsync("alice");
        var live = await Broker.RegisterAsync("alice");

        Assert.That(await Broker.PostAsync("/api/publish", "{}", old), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
        Assert.That(await Broker.PostAsync("/api/publish", "{}", live), Is.EqualTo(RunningAnswer.Error(400, "channel required")));
    }

    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("""{"username":null}""")]
    [TestCase("""{"username":""}""")]
    [TestCase("""{"username":"  "}""")]
    public async Task A_missing_name_is_reported(string body) =>
        Assert.That(await Broker.PostAsync(Path, body), Is.EqualTo(RunningAnswer.Error(400, "username required")));

    [TestCase("anonymous")]
    [TestCase("a.b")]
    [TestCase("app:a")]
    [TestCase("a b")]
    [TestCase("é")]
    [TestCase("a/b")]
    [TestCase("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task An_invalid_name_is_refused(string name) =>
        Assert.That(await Broker.PostAsync(Path, $$"""{"username":"{{name}}"}"""), Is.EqualTo(RunningAnswer.Error(400, Rule)));

    [TestCase("a")]
    [TestCase("Az09_-@#+")]
    [TestCase("1234567890123456789012345678901234567890123456789012345678901234")]
    public async Task A_valid_name_is_accepted(string name) =>
        Assert.That((await Broker.PostAsync(Path, $$"""{"username":"{{name}}"}""")).Status, Is.EqualTo(200));

    [TestCase("")]
    [TestCase("{")]
    [TestCase("""{"username":5}""")]
    [TestCase("""{"username":["alice"]}""")]
    [TestCase("username=alice")]
    public async Task A_body_that_is_not_JSON_or_a_name_that_is_not_text_is_refused(string body) =>
        Assert.That(
            await Broker.PostAsync(Path, body),
            Is.EqualTo(RunningAnswer.Error(400, "the body must be a JSON object with a text field username")));

    private static JsonElement Claims(string token)
    {
        var part = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        using var json = JsonDocument.Parse(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')));
        return json.RootElement.Clone();
    }
}

public sealed class DevRegisterOutsideDevelopmentTests : RunningBrokerTests
{
    [Test]
    public async Task Registration_is_not_available_in_production() =>
        Assert.That(
            await Broker.PostAsync("/auth/dev-register", """{"username":"alice"}"""),
            Is.EqualTo(RunningAnswer.Error(404, "not available")));

    [Test]
    public async Task Production_refuses_before_the_body_has_arrived()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync("POST /auth/dev-register HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n");

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 404 Not Found\r\n"));
    }

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { DevMode = false } };
}
