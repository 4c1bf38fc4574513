using System.Security.Cryptography;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

internal sealed class CallerTokensTests
{
    private const string Header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private readonly ManualTimeProvider _time = new();
    private readonly CallerTokens _tokens;

    public CallerTokensTests() =>
        _tokens = new CallerTokens(new SigningSecret(TestToken.Secret), new LiveKeys(new InMemoryStateStore(_time)), _time);

    [TestCase("bob")]
    [TestCase("app:shop")]
    [TestCase("5")]
    [TestCase("some body@example#1")]
    public async Task A_valid_token_proves_its_subject(string subject)
    {
        var result = await VerifyAsync(TestToken.Of($"{{\"sub\":\"{subject}\",\"exp\":{TestToken.Seconds(60)}}}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(TokenStatus.Valid));
            Assert.That(result.Principal.Name, Is.EqualTo(subject));
            Assert.That(result.ExpiresAt, Is.EqualTo(ManualTimeProvider.Start.AddSeconds(60)));
            Assert.That(TokenLife.SecondsLeft(result.ExpiresAt, _time), Is.EqualTo(60));
        }
    }

    [Test]
    public async Task A_new_secret_makes_the_tokens_of_the_former_one_invalid()
    {
        var secret = new SigningSecret(TestToken.Secret);
        var tokens = new CallerTokens(secret, new LiveKeys(new InMemoryStateStore(_time)), _time);
        const string other = "another secret of thirty-two bytes, or more";
        var (former, latter) = (TestToken.Of("""{"sub":"alice"}"""), TestToken.Of("""{"sub":"alice"}""", other));
        var before = (await StatusAsync(former), await StatusAsync(latter));

        secret.ReplaceWith(new SigningSecret(other));

        Assert.That(before, Is.EqualTo((TokenStatus.Valid, TokenStatus.Invalid)));
        Assert.That((await StatusAsync(former), await StatusAsync(latter)), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));

        async Task<TokenStatus> StatusAsync(string token) => (await tokens.VerifyAsync(token.AsMemory())).Status;
    }

    [Test]
    public async Task A_token_without_an_expiry_never_expires()
    {
        var result = await VerifyAsync(TestToken.Of("{\"sub\":\"bob\"}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(TokenStatus.Valid));
            Assert.That(result.ExpiresAt, Is.EqualTo(DateTimeOffset.MaxValue));
            Assert.That(TokenLife.SecondsLeft(result.ExpiresAt, _time), Is.Zero);
        }
    }

    [TestCase(1, TokenStatus.Valid)]
    [TestCase(0, TokenStatus.Expired)]
    [TestCase(-1, TokenStatus.Expired)]
    [TestCase(-1_000_000, TokenStatus.Expired)]
    public async Task A_token_expires_at_its_second_without_leeway(int secondsLeft, TokenStatus expected)
    {
        var result = await VerifyAsync(TestToken.Of($"{{\"sub\":\"bob\",\"exp\":{TestToken.Seconds(secondsLeft)}}}"));

        Assert.That(result.Status, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_token_that_was_valid_expires_as_time_passes()
    {
        var token = TestToken.Of($"{{\"sub\":\"bob\",\"exp\":{TestToken.Seconds(60)}}}");
        var before = await VerifyAsync(token);

        _time.Advance(TimeSpan.FromSeconds(60));
        var after = await VerifyAsync(token);

        Assert.That((before.Status, after.Status), Is.EqualTo((TokenStatus.Valid, TokenStatus.Expired)));
        Assert.That(after.Principal.IsAnonymous, Is.True);
    }

    [TestCase(-1, TokenStatus.Valid)]
    [TestCase(0, TokenStatus.Valid)]
    [TestCase(1, TokenStatus.Expired)]
    public async Task A_token_that_is_not_valid_yet_counts_as_expired(int begins, TokenStatus expected)
    {
        var result = await VerifyAsync(TestToken.Of($"{{\"sub\":\"bob\",\"nbf\":{TestToken.Seconds(begins)}}}"));

        Assert.That(result.Status, Is.EqualTo(expected));
    }

    [TestCase("{}")]
    [TestCase("{\"sub\":\"\"}")]
    [TestCase("{\"sub\":null}")]
    [TestCase("{\"sub\":true}")]
    [TestCase("{\"sub\":[\"bob\"]}")]
    [TestCase("{\"sub\":{\"name\":\"bob\"}}")]
    [TestCase("{\"Sub\":\"bob\"}")]
    [TestCase("{\"sub\":\"bob\",\"exp\":\"never\"}")]
    [TestCase("not JSON")]
    [TestCase("[]")]
    [TestCase("")]
    public async Task A_token_without_a_text_subject_or_with_broken_claims_is_invalid(string claims)
    {
        var result = await VerifyAsync(TestToken.Of(claims));

        Assert.That(result.Status, Is.EqualTo(TokenStatus.Invalid));
        Assert.That(result.Principal.IsAnonymous, Is.True);
    }

    [TestCase("5")]
    [TestCase("-1")]
    [TestCase("1.5")]
    public async Task A_token_whose_subject_is_a_number_is_invalid(string subject)
    {
        var result = await VerifyAsync(TestToken.Of($"{{\"sub\":{subject}}}"));

        Assert.That(result.Status, Is.EqualTo(TokenStatus.Invalid));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("x")]
    [TestCase("..")]
    [TestCase("a.b.c")]
    [TestCase("é.é.é")]
    [TestCase("a.b.c.d.e")]
    [TestCase("\0\0\0")]
    public async Task Text_that_is_not_a_token_is_invalid(string token)
    {
        Assert.That((await VerifyAsync(token)).Status, Is.EqualTo(TokenStatus.Invalid));
    }

    [Test]
    public async Task A_token_signed_with_another_secret_is_invalid_even_when_it_has_expired()
    {
        var live = await VerifyAsync(TestToken.Of("{\"sub\":\"bob\"}", "another secret of thirty-two bytes"));
        var ended = await VerifyAsync(TestToken.Of("{\"sub\":\"bob\",\"exp\":1}", "another secret of thirty-two bytes"));

        Assert.That((live.Status, ended.Status), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Invalid)));
    }

    [Test]
    public async Task A_token_changed_in_any_part_is_invalid()
    {
        var parts = TestToken.Of("{\"sub\":\"bob\"}").Split('.');
        var stranger = TestToken.Of("{\"sub\":\"eve\"}").Split('.');

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await VerifyAsync($"{parts[0]}.{stranger[1]}.{parts[2]}")).Status, Is.EqualTo(TokenStatus.Invalid));
            Assert.That((await VerifyAsync($"{parts[0]}.{parts[1]}.{stranger[2]}")).Status, Is.EqualTo(TokenStatus.Invalid));
            Assert.That((await VerifyAsync($"{parts[0]}.{parts[1]}.")).Status, Is.EqualTo(TokenStatus.Invalid));
            Assert.That((await VerifyAsync($"{parts[0]}.{parts[1]}")).Status, Is.EqualTo(TokenStatus.Invalid));
            Assert.That((await VerifyAsync($"{parts[0]}.{parts[1]}.{parts[2][..^4]}")).Status, Is.EqualTo(TokenStatus.Invalid));
        }
    }

    [TestCase("none")]
    [TestCase("None")]
    [TestCase("")]
    [TestCase("HS384")]
    [TestCase("HS512")]
    [TestCase("RS256")]
    [TestCase("bogus")]
    public async Task Only_HS256_is_accepted(string algorithm)
    {
        var header = $"{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}";
        Func<byte[], byte[]> sign = algorithm switch
        {
            "none" or "None" or "" => _ => [],
            "HS384" => input => HMACSHA384.HashData(TestToken.Secret.Utf8(), input),
            "HS512" => input => HMACSHA512.HashData(TestToken.Secret.Utf8(), input),
            _ => input => HMACSHA256.HashData(TestToken.Secret.Utf8(), input),
        };

        var result = await VerifyAsync(TestToken.Sign(header, "{\"sub\":\"bob\"}", sign));

        Assert.That(result.Status, Is.EqualTo(TokenStatus.Invalid));
    }

    [Test]
    public async Task A_token_without_an_algorithm_is_invalid()
    {
        var token = TestToken.Sign("{\"typ\":\"JWT\"}", "{\"sub\":\"bob\"}", input => HMACSHA256.HashData(TestToken.Secret.Utf8(), input));

        Assert.That((await VerifyAsync(token)).Status, Is.EqualTo(TokenStatus.Invalid));
    }

    [Test]
    public async Task A_token_longer_than_the_limit_is_invalid()
    {
        var filler = new string('x', CallerTokens.MaxTokenBytes);

        var result = await VerifyAsync(TestToken.Of($"{{\"sub\":\"bob\",\"filler\":\"{filler}\"}}"));
        var shorter = await VerifyAsync(TestToken.Of($"{{\"sub\":\"bob\",\"filler\":\"{filler[..2000]}\"}}"));

        Assert.That((result.Status, shorter.Status), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid)));
    }

    [Test]
    public async Task More_tokens_than_the_cache_holds_all_prove_their_own_subject()
    {
        var tokens = Enumerable.Range(0, 10_000).Select(i => (Name: $"agent{i}", Token: TestToken.Of($"{{\"sub\":\"agent{i}\"}}"))).ToList();
        foreach (var (name, token) in tokens.Concat(tokens))
        {
            Assert.That((await VerifyAsync(token)).Principal.Name, Is.EqualTo(name));
        }
    }

    [Test]
    public async Task A_token_that_is_not_ASCII_is_invalid_after_its_look_alike_was_valid()
    {
        var token = TestToken.Of("{\"sub\":\"bob\"}");
        await VerifyAsync(token);

        Assert.That((await VerifyAsync(token.Replace('e', '\u0435'))).Status, Is.EqualTo(TokenStatus.Invalid));
    }

    [Test]
    public async Task The_hand_made_token_of_these_tests_is_valid()
    {
        var token = TestToken.Sign(Header, "{\"sub\":\"bob\"}", input => HMACSHA256.HashData(TestToken.Secret.Utf8(), input));

        Assert.That((await VerifyAsync(token)).Status, Is.EqualTo(TokenStatus.Valid));
    }

    private ValueTask<CallerTokenResult> VerifyAsync(string token) => _tokens.VerifyAsync(token.AsMemory());
}
