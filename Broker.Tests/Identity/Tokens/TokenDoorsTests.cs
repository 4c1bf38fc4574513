using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>The same token at the three doors: the HTTP API, a connection and a subscription. Where they differ, they do so on purpose.</summary>
internal sealed class TokenDoorsTests
{
    private const string BackEnd = "the secret of a back end, of thirty-two bytes or more";

    private static readonly Guid Client = new("8b1c1d0e-2a3b-4c5d-8e6f-0123456789ab");

    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryStateStore _store;

    public TokenDoorsTests() => _store = new(_time);

    [TestCase("HS256", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("HS384", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("HS512", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("RS256", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("ES256", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("EdDSA", TokenStatus.Invalid, TokenStatus.Invalid)]
    public async Task The_API_accepts_HS256_only_and_clients_any_algorithm_with_a_key(string algorithm, TokenStatus api, TokenStatus client)
    {
        var settings = new TokenSettings { RsaPublicKey = SignedToken.Rsa.ExportRSAPublicKeyPem(), EcdsaPublicKey = SignedToken.Ecdsa.ExportSubjectPublicKeyInfoPem() };

        Assert.That(await StatusesAsync(SignedToken.Of("""{"sub":"bob"}""", algorithm), settings), Is.EqualTo((api, client)));
    }

    [TestCase("{}", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("""{"sub":""}""", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("""{"sub":null}""", TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase("""{"sub":5}""", TokenStatus.Invalid, TokenStatus.Invalid)]
    [TestCase("""{"sub":"some body@example#1"}""", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("""{"sub":"app:shop"}""", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("""{"sub":"\ud800"}""", TokenStatus.Invalid, TokenStatus.Invalid)]
    [TestCase("""{"sub":5,"sub":"bob"}""", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","sub":5}""", TokenStatus.Invalid, TokenStatus.Invalid)]
    public async Task The_API_needs_a_subject_and_a_client_without_one_is_anonymous(string claims, TokenStatus api, TokenStatus client) =>
        Assert.That(await StatusesAsync(SignedToken.Of(claims)), Is.EqualTo((api, client)));

    [TestCase("""{"sub":"bob","channel":"news"}""", TokenStatus.Valid, TokenStatus.Invalid)]
    [TestCase("""{"sub":"bob","info":{},"b64info":5}""", TokenStatus.Valid, TokenStatus.Invalid)]
    [TestCase("""{"sub":"bob","expire_at":"soon"}""", TokenStatus.Valid, TokenStatus.Invalid)]
    [TestCase("""{"sub":"bob","channels":5}""", TokenStatus.Valid, TokenStatus.Invalid)]
    [TestCase("""{"sub":"bob","exp":"soon"}""", TokenStatus.Invalid, TokenStatus.Invalid)]
    [TestCase("""{"sub":"bob","nbf":"soon"}""", TokenStatus.Invalid, TokenStatus.Invalid)]
    public async Task The_API_ignores_the_claims_that_are_for_clients(string claims, TokenStatus api, TokenStatus client) =>
        Assert.That(await StatusesAsync(SignedToken.Of(claims)), Is.EqualTo((api, client)));

    [TestCase("exp", 1, TokenStatus.Valid)]
    [TestCase("exp", 0, TokenStatus.Expired)]
    [TestCase("nbf", 0, TokenStatus.Valid)]
    [TestCase("nbf", 1, TokenStatus.Expired)]
    public async Task All_doors_check_the_time_without_leeway(string claim, int seconds, TokenStatus status) =>
        Assert.That(await StatusesAsync(SignedToken.Of($$"""{"sub":"bob","{{claim}}":{{TestToken.Seconds(seconds)}}}""")), Is.EqualTo((status, status)));

    [TestCase("""{"sub":"bob","exp":0}""", TokenStatus.Expired)]
    [TestCase("""{"sub":"bob","exp":1.5}""", TokenStatus.Expired)]
    [TestCase("""{"sub":"bob","exp":-1}""", TokenStatus.Expired)]
    [TestCase("""{"sub":"bob","exp":253402300800}""", TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","exp":99999999999999}""", TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","nbf":-1}""", TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","nbf":99999999999999}""", TokenStatus.Expired)]
    public async Task Unusual_times_mean_the_same_at_all_doors(string claims, TokenStatus status) =>
        Assert.That(await StatusesAsync(SignedToken.Of(claims)), Is.EqualTo((status, status)));

    [TestCase("me", "you", TokenStatus.Valid)]
    [TestCase("other", "you", TokenStatus.Invalid)]
    [TestCase("me", "other", TokenStatus.Invalid)]
    public async Task The_API_ignores_audience_and_issuer_and_clients_have_to_match_them(string audience, string issuer, TokenStatus client)
    {
        var token = SignedToken.Of($$"""{"sub":"bob","aud":"{{audience}}","iss":"{{issuer}}"}""");
        var patterns = new TokenSettings { AudiencePattern = SafePattern.Parse("^me$", out _), IssuerPattern = SafePattern.Parse("^you$", out _) };

        Assert.That(await StatusesAsync(token, new() { Audience = "me", Issuer = "you" }), Is.EqualTo((TokenStatus.Valid, client)));
        Assert.That(await StatusesAsync(token, patterns), Is.EqualTo((TokenStatus.Valid, client)));
    }

    [Test]
    public async Task The_API_trusts_the_brokers_own_secret_only_and_clients_the_one_that_is_set()
    {
        var (own, others) = (SignedToken.Of("""{"sub":"bob"}"""), SignedToken.Of("""{"sub":"bob"}""", "HS256", secret: BackEnd));

        Assert.That(await StatusesAsync(own, new() { Secret = BackEnd }), Is.EqualTo((TokenStatus.Valid, TokenStatus.Invalid)));
        Assert.That(await StatusesAsync(own, new() { Secret = BackEnd, IncludesOwnSecret = true }), Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid)));
        Assert.That(await StatusesAsync(others, new() { Secret = BackEnd }), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));
        Assert.That(await StatusesAsync(others, new() { PreviousSecret = BackEnd }), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));
    }

    [Test]
    public async Task A_setting_that_skips_signatures_does_not_open_the_API()
    {
        var forged = SignedToken.Of("""{"sub":"bob"}""", "HS256", secret: BackEnd);

        Assert.That(await StatusesAsync(forged, new() { SkipsSignatures = true }), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));
    }

    [TestCase("""{"sub":"bob","exp":1,"aud":"other"}""", TokenStatus.Expired)]
    [TestCase("""{"sub":"bob","exp":1,"b64info":5}""", TokenStatus.Expired)]
    [TestCase("""{"sub":"bob","exp":1,"type":"apikey"}""", TokenStatus.Expired)]
    [TestCase("""{"exp":1}""", TokenStatus.Expired)]
    public async Task An_expired_token_is_reported_as_expired_before_other_faults(string claims, TokenStatus status) =>
        Assert.That(await StatusesAsync(SignedToken.Of(claims), new() { Audience = "me" }), Is.EqualTo((status, status)));

    [Test]
    public async Task A_wrong_signature_or_issuer_pattern_is_reported_before_the_time()
    {
        var forged = SignedToken.Of("""{"sub":"bob","exp":1}""", "HS256", secret: BackEnd);
        var foreign = SignedToken.Of("""{"sub":"bob","exp":1,"iss":"other"}""");

        Assert.That(await StatusesAsync(forged), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Invalid)));
        Assert.That(await StatusesAsync(foreign, new() { IssuerPattern = SafePattern.Parse("^you$", out _) }), Is.EqualTo((TokenStatus.Expired, TokenStatus.Invalid)));
    }

    [TestCase(1_000, TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase(4_000, TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase(24_000, TokenStatus.Invalid, TokenStatus.Valid)]
    [TestCase(26_000, TokenStatus.Invalid, TokenStatus.Invalid)]
    public async Task The_API_accepts_tokens_of_4_KB_and_clients_tokens_of_32_KB(int filler, TokenStatus api, TokenStatus client) =>
        Assert.That(await StatusesAsync(SignedToken.Of($$"""{"sub":"bob","filler":"{{new string('x', filler)}}"}""")), Is.EqualTo((api, client)));

    [Test]
    public async Task The_setting_for_the_users_claim_concerns_clients_only()
    {
        var (api, client) = await StatusesAsync(SignedToken.Of("""{"uid":"bob"}"""), new() { UserClaim = "uid" });

        Assert.That((api, client), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));
    }

    [TestCase("""{"sub":"bob","type":"apikey"}""", TokenStatus.Revoked, TokenStatus.Revoked)]
    [TestCase("""{"sub":"bob","type":"appkey"}""", TokenStatus.Revoked, TokenStatus.Revoked)]
    [TestCase("""{"type":"apikey"}""", TokenStatus.Invalid, TokenStatus.Revoked)]
    [TestCase("""{"sub":"bob","type":["apikey"]}""", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","type":5}""", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","type":"APIKEY"}""", TokenStatus.Valid, TokenStatus.Valid)]
    [TestCase("""{"sub":"bob","channel":"news","type":"apikey"}""", TokenStatus.Revoked, TokenStatus.Invalid)]
    public async Task A_key_that_is_not_stored_is_revoked_at_the_API_and_for_connections(string claims, TokenStatus api, TokenStatus client) =>
        Assert.That(await StatusesAsync(SignedToken.Of(claims)), Is.EqualTo((api, client)));

    [TestCase("""{"sub":"bob","channel":"news","type":"apikey"}""", "HS256", SubscriptionTokenStatus.Valid)]
    [TestCase("""{"sub":"bob","channel":"news"}""", "HS512", SubscriptionTokenStatus.Valid)]
    [TestCase("""{"sub":"bob","channel":"news"}""", "RS256", SubscriptionTokenStatus.Invalid)]
    [TestCase("""{"sub":"bob","channel":"news","exp":1}""", "HS256", SubscriptionTokenStatus.Expired)]
    public async Task A_subscription_token_is_checked_like_a_connections_but_for_live_keys(string claims, string algorithm, SubscriptionTokenStatus status)
    {
        var tokens = new SubscriptionTokens(new(), new SigningSecret(TestToken.Secret), _time);

        var (actual, _) = await tokens.VerifyAsync(SignedToken.Of(claims, algorithm), "news", "bob", Client);

        Assert.That(actual, Is.EqualTo(status));
    }

    private async Task<(TokenStatus Api, TokenStatus Connection)> StatusesAsync(string token, TokenSettings? settings = null)
    {
        var own = new SigningSecret(TestToken.Secret);
        var api = await new CallerTokens(own, new LiveKeys(_store), _time).VerifyAsync(token.AsMemory());
        var connection = await new ConnectionTokens(settings ?? new(), own, new LiveKeys(_store), _time).VerifyAsync(token);
        return (api.Status, connection.Status);
    }
}
