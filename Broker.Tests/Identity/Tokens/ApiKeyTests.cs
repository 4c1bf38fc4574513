using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>Tokens that are keys: signed by the broker, and only the newest of each principal is live.</summary>
internal sealed class ApiKeyTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryStateStore _store;
    private readonly TokenIssuer _issuer;
    private readonly CallerTokens _tokens;

    public ApiKeyTests()
    {
        var secret = new SigningSecret(TestToken.Secret);
        _store = new InMemoryStateStore(_time);
        _issuer = new TokenIssuer(secret, _time);
        _tokens = new CallerTokens(secret, new LiveKeys(_store), _time);
    }

    [Test]
    public async Task A_stored_key_works_for_seven_days()
    {
        var key = _issuer.IssueApiKey("bob");
        await _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(key));

        var first = await VerifyAsync(key);
        _time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        var last = await VerifyAsync(key);
        _time.Advance(TimeSpan.FromSeconds(1));
        var after = await VerifyAsync(key);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Status, last.Status, after.Status), Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid, TokenStatus.Expired)));
            Assert.That(first.Principal.Name, Is.EqualTo("bob"));
            Assert.That(first.ExpiresAt, Is.EqualTo(ManualTimeProvider.Start.AddDays(7)));
        }
    }

    [Test]
    public async Task A_newer_key_revokes_the_older_one()
    {
        var older = _issuer.IssueApiKey("bob");
        var newer = _issuer.IssueApiKey("bob");
        await _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(older));

        await _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(newer));

        Assert.That((await VerifyAsync(older)).Status, Is.EqualTo(TokenStatus.Revoked));
        Assert.That((await VerifyAsync(newer)).Status, Is.EqualTo(TokenStatus.Valid));
    }

    [Test]
    public async Task A_key_is_revoked_when_it_is_removed_and_valid_when_it_is_stored_again()
    {
        var key = _issuer.IssueApiKey("bob");
        var statuses = new List<TokenStatus>();
        foreach (var isStored in new[] { true, true, false, true })
        {
            await (isStored ? _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(key)) : _store.RevokeTokensAsync("bob", 0));
            statuses.Add((await VerifyAsync(key)).Status);
        }

        Assert.That(statuses, Is.EqualTo(new[] { TokenStatus.Valid, TokenStatus.Valid, TokenStatus.Revoked, TokenStatus.Valid }));
    }

    [TestCase("apikey")]
    [TestCase("appkey")]
    public async Task A_key_that_is_not_stored_is_revoked(string type)
    {
        var result = await VerifyAsync(TestToken.Of($"{{\"sub\":\"app:shop\",\"type\":\"{type}\"}}"));

        Assert.That(result.Status, Is.EqualTo(TokenStatus.Revoked));
        Assert.That(result.Principal.IsAnonymous, Is.True);
    }

    [Test]
    public async Task A_key_of_an_app_works_when_it_is_stored()
    {
        var key = TestToken.Of("{\"sub\":\"app:shop\",\"type\":\"appkey\"}");
        await _store.SetKeyHashAsync("app:shop", TokenIssuer.HashOf(key));

        var result = await VerifyAsync(key);

        Assert.That((result.Status, result.Principal.IsApp), Is.EqualTo((TokenStatus.Valid, true)));
    }

    [TestCase("{\"sub\":\"bob\"}")]
    [TestCase("{\"sub\":\"bob\",\"type\":\"session\"}")]
    [TestCase("{\"sub\":\"bob\",\"type\":5}")]
    public async Task A_token_that_is_not_a_key_is_valid_without_a_stored_one(string claims)
    {
        await _store.SetKeyHashAsync("bob", "the hash of another token");

        Assert.That((await VerifyAsync(TestToken.Of(claims))).Status, Is.EqualTo(TokenStatus.Valid));
    }

    [Test]
    public void Keys_issued_at_the_same_moment_differ()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => _issuer.IssueApiKey("bob"));

        Assert.That(keys, Is.Unique);
    }

    [Test]
    public void A_hash_is_SHA_256_in_lower_case_hexadecimal()
    {
        Assert.That(TokenIssuer.HashOf("abc"), Is.EqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    [TestCase("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", true)]
    [TestCase("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ae", false)]
    [TestCase("ba7816bf", false)]
    [TestCase("", false)]
    public void A_hash_is_compared_whole(string hash, bool expected)
    {
        Assert.That(TokenIssuer.IsHashOf(hash, "abc"), Is.EqualTo(expected));
    }

    private ValueTask<CallerTokenResult> VerifyAsync(string token) => _tokens.VerifyAsync(token.AsMemory());
}
