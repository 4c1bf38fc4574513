using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>Tokens that are not keys, after their owner has revoked those issued until some time.</summary>
internal sealed class RevokedTokensTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryStateStore _store;
    private readonly TokenIssuer _issuer;
    private readonly CallerTokens _callers;
    private readonly ConnectionTokens _clients;

    public RevokedTokensTests()
    {
        var secret = new SigningSecret(TestToken.Secret);
        _store = new InMemoryStateStore(_time);
        _issuer = new TokenIssuer(secret, _time);
        _callers = new CallerTokens(secret, new LiveKeys(_store), _time);
        _clients = new ConnectionTokens(new() { RsaPublicKey = SignedToken.Rsa.ExportRSAPublicKeyPem() }, secret, new LiveKeys(_store), _time);
    }

    [Test]
    public async Task A_token_in_the_cache_is_revoked_immediately_at_both_doors()
    {
        var token = _issuer.IssueSessionToken("bob", 0);
        var before = await StatusesAsync(token);

        await _store.RevokeTokensAsync("bob", TestToken.Seconds(0));

        Assert.That(before, Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid)));
        Assert.That(await StatusesAsync(token), Is.EqualTo((TokenStatus.Revoked, TokenStatus.Revoked)));
    }

    [Test]
    public async Task A_token_issued_in_the_second_of_the_revocation_but_after_it_is_valid()
    {
        await _store.RevokeTokensAsync("bob", TestToken.Seconds(0));

        var token = _issuer.IssueSessionToken("bob", await _store.GetRevokedUntilAsync("bob"));

        Assert.That(await StatusesAsync(token), Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid)));
    }

    [Test]
    public void A_revocation_until_a_time_that_no_date_can_have_does_not_stop_the_issuer() =>
        Assert.That(() => _issuer.IssueSessionToken("bob", long.MaxValue), Throws.Nothing);

    [TestCase(-1, TokenStatus.Revoked)]
    [TestCase(0, TokenStatus.Revoked)]
    [TestCase(1, TokenStatus.Valid)]
    public async Task The_time_of_issue_decides(int seconds, TokenStatus status)
    {
        await _store.RevokeTokensAsync("bob", TestToken.Seconds(0));

        Assert.That(await StatusesAsync(TestToken.Of($$"""{"sub":"bob","iat":{{TestToken.Seconds(seconds)}}}""")), Is.EqualTo((status, status)));
    }

    [TestCase("""{"sub":"bob"}""")]
    [TestCase("""{"sub":"bob","iat":0}""")]
    [TestCase("""{"sub":"bob","iat":-1}""")]
    public async Task A_token_that_does_not_say_when_it_was_issued_is_revoked_with_the_others(string claims)
    {
        var before = await StatusesAsync(TestToken.Of(claims));
        await _store.RevokeTokensAsync("bob", TestToken.Seconds(0));

        Assert.That(before, Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid)));
        Assert.That(await StatusesAsync(TestToken.Of(claims)), Is.EqualTo((TokenStatus.Revoked, TokenStatus.Revoked)));
    }

    [Test]
    public async Task A_token_of_a_back_end_is_revoked_too()
    {
        await _store.RevokeTokensAsync("bob", TestToken.Seconds(0));

        Assert.That((await _clients.VerifyAsync(SignedToken.Of("""{"sub":"bob","iat":1}""", "RS256"))).Status, Is.EqualTo(TokenStatus.Revoked));
    }

    [Test]
    public async Task A_revocation_concerns_its_owner_only_and_no_later_key()
    {
        await _store.RevokeTokensAsync("bob", TestToken.Seconds(0));
        var key = _issuer.IssueApiKey("bob");
        await _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(key));

        Assert.That(await StatusesAsync(_issuer.IssueSessionToken("carol", 0)), Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid)));
        Assert.That(await StatusesAsync(key), Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid)));
    }

    private async Task<(TokenStatus Api, TokenStatus Client)> StatusesAsync(string token) =>
        ((await _callers.VerifyAsync(token.AsMemory())).Status, (await _clients.VerifyAsync(token)).Status);
}
