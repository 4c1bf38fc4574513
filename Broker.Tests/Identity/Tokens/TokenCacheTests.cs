using System.Text.Json;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>How long a verified token stays in the cache.</summary>
internal sealed class TokenCacheTests
{
    private const string Other = "another secret of thirty-two bytes, or more";

    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryStateStore _store;
    private readonly SigningSecret _own = new(TestToken.Secret);

    public TokenCacheTests() => _store = new(_time);

    [Test]
    public async Task Clients_with_the_same_token_share_one_identity()
    {
        var tokens = ConnectionTokens(new());
        var token = SignedToken.Of("""{"sub":"42","info":{"name":"Ann"}}""");

        var (first, second) = (await tokens.VerifyAsync(token), await tokens.VerifyAsync(token));

        Assert.That(first.Status, Is.EqualTo(TokenStatus.Valid));
        Assert.That(second.Identity, Is.SameAs(first.Identity));
    }

    [Test]
    public async Task A_cached_token_expires_at_its_second()
    {
        var token = SignedToken.Of($$"""{"sub":"42","exp":{{TestToken.Seconds(60)}}}""");
        var (connections, check) = (ConnectionTokens(new()), AllClaims.CheckWith(new(), _time));
        await connections.VerifyAsync(token);
        await check.CheckAsync(token.AsMemory());

        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.That((await connections.VerifyAsync(token)).Status, Is.EqualTo(TokenStatus.Expired));
        Assert.That((await check.CheckAsync(token.AsMemory())).Status, Is.EqualTo(TokenStatus.Expired));
    }

    [Test]
    public async Task A_connection_with_a_cached_key_is_refused_after_its_revocation()
    {
        var tokens = ConnectionTokens(new());
        var token = SignedToken.Of("""{"sub":"alice","type":"apikey"}""");
        var statuses = new List<TokenStatus>();
        foreach (var isStored in new[] { false, true, true, false, true })
        {
            await (isStored ? _store.SetKeyHashAsync("alice", TokenIssuer.HashOf(token)) : _store.RevokeTokensAsync("alice", 0));
            statuses.Add((await tokens.VerifyAsync(token)).Status);
        }

        Assert.That(statuses, Is.EqualTo(new[] { TokenStatus.Revoked, TokenStatus.Valid, TokenStatus.Valid, TokenStatus.Revoked, TokenStatus.Valid }));
    }

    [Test]
    public async Task A_new_secret_empties_the_cache()
    {
        var tokens = ConnectionTokens(new());
        var token = SignedToken.Of("""{"sub":"42"}""");
        await tokens.VerifyAsync(token);

        _own.ReplaceWith(new SigningSecret(Other));

        Assert.That((await tokens.VerifyAsync(token)).Status, Is.EqualTo(TokenStatus.Invalid));
    }

    [Test]
    public async Task New_settings_empty_the_cache()
    {
        var (connections, subscriptions) = (ConnectionTokens(new()), new SubscriptionTokens(new(), _own, _time));
        var (connect, subscribe) = (SignedToken.Of("""{"sub":"42"}"""), SignedToken.Of("""{"sub":"42","channel":"news"}"""));
        await connections.VerifyAsync(connect);
        await subscriptions.VerifyAsync(subscribe, "news", "42", default);

        connections.ApplySettings(new() { Audience = "me" });
        subscriptions.ApplySettings(new() { Secret = Other });

        Assert.That((await connections.VerifyAsync(connect)).Status, Is.EqualTo(TokenStatus.Invalid));
        Assert.That((await subscriptions.VerifyAsync(subscribe, "news", "42", default)).Status, Is.EqualTo(SubscriptionTokenStatus.Invalid));
    }

    [Test]
    public async Task A_cached_token_of_a_subscription_is_still_for_one_user_channel_and_client()
    {
        var tokens = new SubscriptionTokens(new(), _own, _time);
        var token = SignedToken.Of($$"""{"sub":"42","channel":"news","client":"{{Guid.Empty}}"}""");

        var statuses = new[]
        {
            (await tokens.VerifyAsync(token, "news", "42", Guid.Empty)).Status,
            (await tokens.VerifyAsync(token, "other", "42", Guid.Empty)).Status,
            (await tokens.VerifyAsync(token, "news", "7", Guid.Empty)).Status,
            (await tokens.VerifyAsync(token, "news", "42", Guid.NewGuid())).Status,
        };

        Assert.That(statuses, Is.EqualTo(new[] { SubscriptionTokenStatus.Valid, SubscriptionTokenStatus.Foreign, SubscriptionTokenStatus.Foreign, SubscriptionTokenStatus.Foreign }));
    }

    [TestCase(0, false, 1)]
    [TestCase(TokenHash.MaxTokenBytes, false, 2)]
    [TestCase(0, true, 2)]
    public async Task Tokens_are_read_once_unless_they_are_long_or_signatures_are_skipped(int filler, bool skipsSignatures, int reads)
    {
        var reader = new CountingReader();
        var check = new TokenCheck<int>(reader, new() { SkipsSignatures = skipsSignatures }, _own, liveKeys: null, _time);
        var token = SignedToken.Of($$"""{"sub":"42","filler":"{{new string('x', filler)}}"}""").AsMemory();

        await check.CheckAsync(token);
        await check.CheckAsync(token);

        Assert.That(reader.Reads, Is.EqualTo(reads));
    }

    private ConnectionTokens ConnectionTokens(TokenSettings settings) => new(settings, _own, new LiveKeys(_store), _time);

    private sealed class CountingReader : ITokenReader<int>
    {
        public int Reads { get; private set; }

        public bool TryRead(JsonElement claims, TokenOwner owner, out int content)
        {
            content = ++Reads;
            return true;
        }
    }
}
