using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>Which signatures, issuers, audiences and times are accepted.</summary>
internal sealed class TokenCheckTests
{
    private const string Previous = "previous-previous-previous-previous-previous-previous-previous-1234";

    private readonly ManualTimeProvider _time = new();

    [TestCase("HS256")]
    [TestCase("HS384")]
    [TestCase("HS512")]
    [TestCase("RS256")]
    [TestCase("RS384")]
    [TestCase("RS512")]
    [TestCase("ES256")]
    [Checklist(119, 120)]
    public async Task A_token_is_verified_with_the_key_of_its_algorithm(string algorithm)
    {
        var settings = new TokenSettings { RsaPublicKey = SignedToken.Rsa.ExportRSAPublicKeyPem(), EcdsaPublicKey = SignedToken.Ecdsa.ExportSubjectPublicKeyInfoPem() };

        var (status, verified) = await AllClaims.CheckWith(settings, _time).CheckAsync(SignedToken.Of("""{"sub":"42"}""", algorithm).AsMemory());

        Assert.That((status, verified?.Content.GetProperty("sub").GetString()), Is.EqualTo((TokenStatus.Valid, "42")));
    }

    [TestCase("RS256")]
    [TestCase("ES256")]
    public async Task Without_a_key_for_its_algorithm_a_token_is_invalid(string algorithm) =>
        Assert.That(await StatusAsync(new(), SignedToken.Of("{}", algorithm)), Is.EqualTo(TokenStatus.Invalid));

    [Test]
    public async Task A_public_key_is_never_used_as_a_secret()
    {
        var pem = SignedToken.Rsa.ExportRSAPublicKeyPem();
        var forged = SignedToken.Of("""{"sub":"42"}""", "HS256", secret: pem);

        Assert.That(await StatusAsync(new() { RsaPublicKey = pem }, forged), Is.EqualTo(TokenStatus.Invalid));
    }

    [Test]
    [Checklist(123)]
    public async Task A_token_without_a_signature_is_invalid()
    {
        var unsigned = $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{Base64Url.EncodeToString("""{"sub":"42"}"""u8)}.";

        Assert.That(await StatusAsync(new(), unsigned), Is.EqualTo(TokenStatus.Invalid));
    }

    [TestCase("""["exp"]""")]
    [TestCase("""["b64"],"b64":false""")]
    [TestCase("[]")]
    [TestCase("null")]
    public async Task A_token_that_needs_an_extension_is_invalid(string critical)
    {
        var header = $$"""{"alg":"HS256","crit":{{critical}}}""";
        var token = TestToken.Sign(header, """{"sub":"42"}""", input => HMACSHA256.HashData(TestToken.Secret.Utf8(), input));

        Assert.That(await StatusAsync(new(), token), Is.EqualTo(TokenStatus.Invalid));
        Assert.That(await StatusAsync(new() { SkipsSignatures = true }, token), Is.EqualTo(TokenStatus.Invalid));
    }

    [TestCase(Previous, TokenStatus.Valid)]
    [TestCase("another-another-another-another-another-another-another-another-12", TokenStatus.Invalid)]
    [Checklist(136)]
    public async Task Either_of_two_secrets_may_have_signed(string secret, TokenStatus status)
    {
        var settings = new TokenSettings { Secret = TestToken.Secret, PreviousSecret = Previous };

        Assert.That(
            await StatusAsync(settings, SignedToken.Of("{}", "HS256", secret: secret)),
            Is.EqualTo(status));
    }

    [TestCase("""{"aud":"me","iss":"you"}""", TokenStatus.Valid)]
    [TestCase("""{"aud":["other","me"],"iss":"you"}""", TokenStatus.Valid)]
    [TestCase("""{"aud":"other","iss":"you"}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":"me","iss":"other"}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":"me"}""", TokenStatus.Invalid)]
    [TestCase("{}", TokenStatus.Invalid)]
    [Checklist(132)]
    public async Task Audience_and_issuer_have_to_be_those_that_are_set(string claims, TokenStatus status) =>
        Assert.That(await StatusAsync(new() { Audience = "me", Issuer = "you" }, SignedToken.Of(claims)), Is.EqualTo(status));

    [TestCase("""{"aud":"me","iss":"https://id.example/a"}""", TokenStatus.Valid)]
    [TestCase("""{"aud":["other","me too"],"iss":"https://id.example/a"}""", TokenStatus.Valid)]
    [TestCase("""{"aud":"other","iss":"https://id.example/a"}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":"me","iss":"https://id.example/A"}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":"me","iss":5}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":5,"iss":"https://id.example/a"}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":[],"iss":"https://id.example/a"}""", TokenStatus.Invalid)]
    [TestCase("""{"aud":"me"}""", TokenStatus.Invalid)]
    [TestCase("{}", TokenStatus.Invalid)]
    [Checklist(132)]
    public async Task Audience_and_issuer_have_to_match_the_patterns_that_are_set(string claims, TokenStatus status)
    {
        var settings = new TokenSettings { AudiencePattern = Pattern("^me"), IssuerPattern = Pattern("^https://id\\.example/(?P<realm>[a-z]+)$") };

        Assert.That(await StatusAsync(settings, SignedToken.Of(claims)), Is.EqualTo(status));
    }

    [TestCase(false, TokenStatus.Invalid)]
    [TestCase(true, TokenStatus.Valid)]
    public async Task The_brokers_own_secret_counts_beside_a_back_ends_if_it_is_included(bool isIncluded, TokenStatus status) =>
        Assert.That(await StatusAsync(new() { Secret = Previous, IncludesOwnSecret = isIncluded }, SignedToken.Of("{}")), Is.EqualTo(status));

    [Test]
    [Checklist(136)]
    public async Task A_previous_secret_counts_beside_the_brokers_own_until_its_end()
    {
        var settings = new TokenSettings { PreviousSecret = Previous, PreviousSecretEnd = ManualTimeProvider.Start.AddSeconds(1) };
        var check = AllClaims.CheckWith(settings, _time);
        var old = SignedToken.Of("{}", "HS256", secret: Previous);

        var inTime = await CheckAsync(check, old);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((inTime, await CheckAsync(check, old)), Is.EqualTo((TokenStatus.Valid, TokenStatus.Invalid)));
        Assert.That(await CheckAsync(check, SignedToken.Of("{}")), Is.EqualTo(TokenStatus.Valid));
    }

    [TestCase("""{"sub":"42"}""", "HS256", TokenStatus.Valid)]
    [TestCase("""{"sub":"42"}""", "RS256", TokenStatus.Valid)]
    [TestCase("""{"sub":"42","exp":1}""", "HS256", TokenStatus.Expired)]
    [TestCase("""{"sub":"42","iss":"other"}""", "HS256", TokenStatus.Invalid)]
    [TestCase("[]", "HS256", TokenStatus.Invalid)]
    public async Task Where_signatures_are_skipped_form_time_and_issuer_are_still_checked(string claims, string algorithm, TokenStatus status)
    {
        var issuer = claims.Contains("iss", StringComparison.Ordinal) ? "you" : null;

        var result = await StatusAsync(new() { SkipsSignatures = true, Issuer = issuer }, SignedToken.Of(claims, algorithm, secret: Previous));

        Assert.That(result, Is.EqualTo(status));
    }

    [Test]
    public async Task A_token_without_a_signature_is_valid_where_signatures_are_skipped()
    {
        var unsigned = $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{Base64Url.EncodeToString("""{"sub":"42"}"""u8)}.";

        Assert.That(await StatusAsync(new() { SkipsSignatures = true }, unsigned), Is.EqualTo(TokenStatus.Valid));
    }

    [Test]
    [Checklist(181)]
    public async Task Reloaded_settings_immediately_decide_which_tokens_are_valid()
    {
        var own = new SigningSecret(TestToken.Secret);
        var tokens = new ConnectionTokens(new(), own, new LiveKeys(new InMemoryStateStore(_time)), _time);
        var token = SignedToken.Of("""{"uid":"42"}""", "RS256");
        var before = (await tokens.VerifyAsync(token)).Status;

        own.ReplaceWith(new SigningSecret(Previous));
        tokens.ApplySettings(new() { RsaPublicKey = SignedToken.Rsa.ExportRSAPublicKeyPem(), UserClaim = "uid" });

        var (after, identity) = await tokens.VerifyAsync(token);
        Assert.That((before, after), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));
        Assert.That((await tokens.VerifyAsync(SignedToken.Of("{}"))).Status, Is.EqualTo(TokenStatus.Invalid));
        Assert.That(identity.Principal.Name, Is.EqualTo("42"));
    }

    [TestCase("exp", 1, TokenStatus.Valid)]
    [TestCase("exp", 0, TokenStatus.Expired)]
    [TestCase("nbf", 0, TokenStatus.Valid)]
    [TestCase("nbf", 1, TokenStatus.Expired)]
    [Checklist(122)]
    public async Task The_time_of_a_token_is_checked_without_leeway(string claim, int seconds, TokenStatus status) =>
        Assert.That(await StatusAsync(new(), SignedToken.Of($$"""{"{{claim}}":{{TestToken.Seconds(seconds)}}}""")), Is.EqualTo(status));

    [TestCase("")]
    [TestCase("..")]
    [TestCase("a.b.c")]
    [TestCase("é.é.é")]
    [TestCase("eyJhbGciOiJIUzI1NiJ9")]
    [TestCase("e30.e30.e30")]
    [TestCase("bnVsbA.bnVsbA.bnVsbA")]
    [Checklist(121)]
    public async Task Text_that_is_not_a_token_is_invalid(string text) => Assert.That(await StatusAsync(new(), text), Is.EqualTo(TokenStatus.Invalid));

    [TestCase("[]")]
    [TestCase("5")]
    [TestCase("not JSON")]
    [TestCase("")]
    public async Task Claims_that_are_not_an_object_are_invalid(string claims) =>
        Assert.That(await StatusAsync(new(), SignedToken.Of(claims)), Is.EqualTo(TokenStatus.Invalid));

    [Test]
    public async Task A_token_that_is_too_long_is_invalid() => Assert.That(
        await StatusAsync(new(), SignedToken.Of($$"""{"sub":"{{new string('x', new TokenSettings().MaxTokenBytes)}}"}""")), Is.EqualTo(TokenStatus.Invalid));

    [Test]
    public async Task Random_characters_in_a_token_make_it_invalid()
    {
        var random = new Random(7);
        var good = SignedToken.Of("""{"sub":"42"}""");
        for (var round = 0; round < 2_000; round++)
        {
            var text = good.ToCharArray();
            text[random.Next(text.Length)] = (char)random.Next(1, 0x250);
            var status = await StatusAsync(new(), new string(text[..random.Next(1, text.Length)]));
            Assert.That(status, Is.EqualTo(TokenStatus.Invalid));
        }
    }

    private Task<TokenStatus> StatusAsync(TokenSettings settings, string token) => CheckAsync(AllClaims.CheckWith(settings, _time), token);

    private static async Task<TokenStatus> CheckAsync(TokenCheck<JsonElement> check, string token) => (await check.CheckAsync(token.AsMemory())).Status;

    private static System.Text.RegularExpressions.Regex? Pattern(string text) => SafePattern.Parse(text, out _);
}
