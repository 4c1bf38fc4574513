using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>The claims of a connection's token.</summary>
internal sealed class ConnectionTokensTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryStateStore _store;

    public ConnectionTokensTests() => _store = new(_time);

    [TestCase("""{"sub":"42"}""", "42")]
    [TestCase("""{"sub":""}""", "")]
    [TestCase("""{"sub":null}""", "")]
    [TestCase("{}", "")]
    public async Task The_subject_is_the_user_and_without_one_the_client_is_anonymous(string claims, string user) =>
        Assert.That((await ReadAsync(claims)).Principal.Name, Is.EqualTo(user));

    [Test]
    [Checklist(133)]
    public async Task Another_claim_may_name_the_user() =>
        Assert.That((await ReadAsync("""{"sub":"1","uid":"42"}""", new() { UserClaim = "uid" })).Principal.Name, Is.EqualTo("42"));

    [TestCase("""{"exp":60}""", 60)]
    [TestCase("""{"exp":60,"expire_at":90}""", 90)]
    [TestCase("""{"exp":60,"expire_at":0}""", null)]
    [TestCase("""{"expire_at":null,"exp":60}""", 60)]
    [TestCase("{}", null)]
    [Checklist(127)]
    public async Task The_connection_ends_with_the_token_or_at_its_expire_at(string claims, int? seconds)
    {
        foreach (var number in new[] { 60, 90 })
        {
            claims = claims.Replace($":{number}", $":{TestToken.Seconds(number)}", StringComparison.Ordinal);
        }

        Assert.That((await ReadAsync(claims)).ExpiresAt, Is.EqualTo(seconds is { } left ? ManualTimeProvider.Start.AddSeconds(left) : DateTimeOffset.MaxValue));
    }

    [TestCase("""{"info":{"name":"Ann", "n":1.0}}""", """{"name":"Ann", "n":1.0}""")]
    [TestCase("""{"info":"text"}""", "\"text\"")]
    [TestCase("""{"b64info":"eyJhIjoxfQ=="}""", """{"a":1}""")]
    [TestCase("""{"info":{"a":2},"b64info":"eyJhIjoxfQ=="}""", """{"a":1}""")]
    [TestCase("""{"info":null}""", "")]
    [TestCase("{}", "")]
    [Checklist(129)]
    public async Task The_info_stays_as_it_was_written(string claims, string info) =>
        Assert.That(Encoding.UTF8.GetString((await ReadAsync(claims)).Info.Span), Is.EqualTo(info));

    [Test]
    [Checklist(134)]
    public async Task Meta_is_kept_for_proxies() =>
        Assert.That(Encoding.UTF8.GetString((await ReadAsync("""{"meta":{"k":"v"}}""")).Meta.Span), Is.EqualTo("""{"k":"v"}"""));

    [Test]
    [Checklist(128)]
    public async Task Channels_are_server_side_subscriptions() => Assert.That(
        (await ReadAsync("""{"channels":["news","chat:x"]}""")).Subscriptions.Select(grant => grant.Channel), Is.EqualTo(new[] { "news", "chat:x" }));

    [Test]
    [Checklist(128, 130)]
    public async Task Subs_have_options_and_take_precedence_over_channels()
    {
        var grants = (await ReadAsync("""
            {"channels":["other"],"subs":{"news":{"info":{"i":1},"b64data":"eyJhIjoxfQ==","override":{"presence":{"value":true},"force_recovery":{"value":false},"join_leave":5}},"chat:x":null}}
            """)).Subscriptions;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(grants.Select(grant => grant.Channel), Is.EqualTo(new[] { "news", "chat:x" }));
            Assert.That(Encoding.UTF8.GetString(grants[0].Info.Span), Is.EqualTo("""{"i":1}"""));
            Assert.That(Encoding.UTF8.GetString(grants[0].Data.Span), Is.EqualTo("""{"a":1}"""));
            Assert.That(grants[0].Overrides, Is.EqualTo(new OptionOverrides(Presence: true, ForceRecovery: false)));
            Assert.That(grants[1].Overrides, Is.EqualTo(default(OptionOverrides)));
        }
    }

    [TestCase("""{"sub":42}""")]
    [TestCase("""{"sub":["42"]}""")]
    [TestCase("""{"sub":"42","channel":"news"}""")]
    [TestCase("""{"sub":"42","channel":null}""")]
    [TestCase("""{"sub":"42","expire_at":"soon"}""")]
    [TestCase("""{"sub":"42","expire_at":-1}""")]
    [TestCase("""{"sub":"42","b64info":5}""")]
    [TestCase("""{"sub":"42","b64info":"%%%"}""")]
    [TestCase("""{"sub":"42","channels":"news"}""")]
    [TestCase("""{"sub":"42","channels":[1]}""")]
    [TestCase("""{"sub":"42","subs":["news"]}""")]
    [TestCase("""{"sub":"42","subs":{"news":1}}""")]
    [TestCase("""{"sub":"42","subs":{"news":{"override":1}}}""")]
    [TestCase("""{"sub":"\ud800"}""")]
    [TestCase("""{"channels":["\ud800"]}""")]
    public async Task Claims_of_the_wrong_type_make_the_token_invalid(string claims)
    {
        var (status, identity) = await Tokens(new()).VerifyAsync(SignedToken.Of(claims));

        Assert.That((status, identity.Principal.IsAnonymous), Is.EqualTo((TokenStatus.Invalid, true)));
    }

    [TestCase("apikey")]
    [TestCase("appkey")]
    public async Task A_key_has_to_be_the_live_one(string type)
    {
        var token = SignedToken.Of($$"""{"sub":"alice","type":"{{type}}"}""");
        var before = await Tokens(new()).VerifyAsync(token);
        await _store.SetKeyHashAsync("alice", TokenIssuer.HashOf(token));

        Assert.That((before.Status, (await Tokens(new()).VerifyAsync(token)).Status), Is.EqualTo((TokenStatus.Revoked, TokenStatus.Valid)));
    }

    private async Task<ConnectionIdentity> ReadAsync(string claims, TokenSettings? settings = null)
    {
        var (status, identity) = await Tokens(settings ?? new()).VerifyAsync(SignedToken.Of(claims));
        Assert.That(status, Is.EqualTo(TokenStatus.Valid));
        return identity;
    }

    private ConnectionTokens Tokens(TokenSettings settings) =>
        new(settings, new SigningSecret(TestToken.Secret), new LiveKeys(_store), _time);
}
