using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Admin;

/// <summary>Tokens that operators make, check and revoke.</summary>
public abstract class TokensContract : RunningBrokerTests
{
    [Test]
    public async Task A_token_connects_as_its_user()
    {
        var token = await MakeAsync("""{"user":"alice","seconds":60}""");

        await Broker.ConnectAsync(token);

        Assert.That((await Broker.AskAsOperatorAsync("/api/connections?user=alice")).GetProperty("total").GetInt32(), Is.EqualTo(1));
        Assert.That(await CheckAsync(token), Does.StartWith("""{"ok":true,"valid":true,"status":"valid","kind":"connection","user":"alice","expiresInSeconds":""").And.Contain("\"claims\":{"));
    }

    [Test]
    public async Task A_token_for_a_subscription_says_for_which()
    {
        var token = await MakeAsync("""{"user":"alice","channel":"chat:a"}""");

        Assert.That(await CheckAsync(token), Does.Contain("\"kind\":\"subscription\",\"user\":\"alice\",\"channel\":\"chat:a\""));
    }

    [Test]
    public async Task A_token_may_last_for_ever_and_be_for_nobody()
    {
        var answer = await Broker.AskAsOperatorAsync("/api/token", """{"seconds":0}""");

        Assert.That(answer.TryGetProperty("expiresInSeconds", out _), Is.False);
        Assert.That(await CheckAsync(answer.GetProperty("token").GetString()!), Does.Contain("\"user\":\"\"").And.Not.Contain("expiresInSeconds"));
    }

    [Test]
    public async Task A_revoked_users_tokens_no_longer_count_and_its_connections_end()
    {
        var (token, key) = (await MakeAsync("""{"user":"alice"}"""), await Broker.RegisterAsync("alice"));
        var client = await Broker.ConnectAsync(token);

        await Broker.AskAsOperatorAsync("/api/token/revoke", """{"user":"alice"}""");

        Assert.That((await client.ReadCloseAsync()).Code, Is.EqualTo(3005));
        Assert.That(await CheckAsync(token), Does.Contain("\"status\":\"revoked\""));
        Assert.That(await CheckAsync(key), Does.Contain("\"status\":\"revoked\",\"kind\":\"apikey\""));
    }

    [TestCase("x")]
    [TestCase("a.b.c")]
    [TestCase("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA")]
    public async Task Of_a_wrong_token_nothing_is_told(string token) => Assert.That(await CheckAsync(token), Is.EqualTo("""{"ok":true,"valid":false,"status":"invalid"}"""));

    [TestCase("/api/token", """{"user":"anonymous"}""")]
    [TestCase("/api/token", """{"user":"app:shop"}""")]
    [TestCase("/api/token", """{"user":1}""")]
    [TestCase("/api/token", """{"user":"a","seconds":-1}""")]
    [TestCase("/api/token", """{"user":"a","seconds":"1"}""")]
    [TestCase("/api/token", """{"user":"a","seconds":1e99}""")]
    [TestCase("/api/token", "x")]
    [TestCase("/api/token/check", "{}")]
    [TestCase("/api/token/check", """{"token":1}""")]
    [TestCase("/api/token/revoke", """{"user":""}""")]
    public async Task Bad_input_is_refused(string path, string body) => Assert.That((await Broker.SendAsOperatorAsync(HttpMethod.Post, path, body)).Status, Is.EqualTo(400));

    private async Task<string> MakeAsync(string body) => (await Broker.AskAsOperatorAsync("/api/token", body)).GetProperty("token").GetString()!;

    private async Task<string> CheckAsync(string token) => (await Broker.AskAsOperatorAsync("/api/token/check", JsonSerializer.Serialize(new { token }))).ToString();
}

/// <summary>Tokens where the broker has one secret for all.</summary>
public sealed class OwnTokensTests : TokensContract;

/// <summary>Tokens where a back end has a secret of its own, and the settings name its audience and issuer.</summary>
public sealed class BackEndTokensTests : TokensContract
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Identity = options.Identity with
        {
            ClientTokens = new TokenSettings { Secret = "the secret of a back end, long enough", Audience = "chat", Issuer = "https://issuer.example" },
        },
    };
}
