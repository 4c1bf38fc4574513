using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>The names that tokens of others may bring.</summary>
internal sealed class ForeignNamesTests
{
    private const string BackEnd = "the secret of a back end, of thirty-two bytes or more";

    private readonly ManualTimeProvider _time = new();

    [TestCase("app:shop")]
    [TestCase("app:")]
    [TestCase("anonymous")]
    public async Task A_token_that_another_has_signed_names_neither_an_app_nor_the_anonymous_sender(string name)
    {
        var claims = $$"""{"sub":"{{name}}"}""";
        var settings = Settings();

        Assert.That(await NameAsync(SignedToken.Of(claims, "RS256"), settings), Is.Null);
        Assert.That(await NameAsync(SignedToken.Of(claims, "ES256"), settings), Is.Null);
        Assert.That(await NameAsync(SignedToken.Of(claims, "HS256", secret: BackEnd), settings), Is.Null);
    }

    [Test]
    public async Task The_broker_itself_signs_for_apps_but_never_for_the_anonymous_sender()
    {
        Assert.That(await NameAsync(SignedToken.Of("""{"sub":"app:shop"}"""), Settings()), Is.EqualTo("app:shop"));
        Assert.That(await NameAsync(SignedToken.Of("""{"sub":"anonymous"}"""), Settings()), Is.Null);
    }

    [TestCase("bob", "partner-bob")]
    [TestCase("app:shop", "partner-app:shop")]
    [TestCase("anonymous", "partner-anonymous")]
    [TestCase("", "")]
    public async Task The_prefix_is_put_before_names_that_another_has_signed(string name, string expected)
    {
        var settings = Settings() with { UserPrefix = "partner-" };
        var claims = $$"""{"sub":"{{name}}"}""";

        Assert.That(await NameAsync(SignedToken.Of(claims, "RS256"), settings), Is.EqualTo(expected));
        Assert.That(await NameAsync(SignedToken.Of(claims, "HS512", secret: BackEnd), settings), Is.EqualTo(expected));
    }

    [Test]
    public async Task The_brokers_own_tokens_and_those_of_its_previous_secret_have_no_prefix()
    {
        var own = new TokenSettings { UserPrefix = "partner-", PreviousSecret = BackEnd };

        Assert.That(await NameAsync(SignedToken.Of("""{"sub":"bob"}"""), own), Is.EqualTo("bob"));
        Assert.That(await NameAsync(SignedToken.Of("""{"sub":"bob"}""", "HS256", secret: BackEnd), own), Is.EqualTo("bob"));
        Assert.That(await NameAsync(SignedToken.Of("""{"sub":"bob"}"""), Settings() with { Secret = TestToken.Secret, UserPrefix = "partner-" }), Is.EqualTo("bob"));
    }

    [TestCase("partner-bob", SubscriptionTokenStatus.Valid)]
    [TestCase("bob", SubscriptionTokenStatus.Foreign)]
    public async Task A_subscription_token_that_another_has_signed_is_for_the_name_with_the_prefix(string user, SubscriptionTokenStatus status)
    {
        var tokens = new SubscriptionTokens(Settings() with { UserPrefix = "partner-" }, new SigningSecret(TestToken.Secret), _time);
        var token = SignedToken.Of("""{"sub":"bob","channel":"news"}""", "RS256");

        Assert.That((await tokens.VerifyAsync(token, "news", user, Guid.Empty)).Status, Is.EqualTo(status));
    }

    private static TokenSettings Settings() => new()
    {
        Secret = BackEnd,
        IncludesOwnSecret = true,
        RsaPublicKey = SignedToken.Rsa.ExportRSAPublicKeyPem(),
        EcdsaPublicKey = SignedToken.Ecdsa.ExportSubjectPublicKeyInfoPem(),
    };

    // Null for a token that is not valid.
    private async Task<string?> NameAsync(string token, TokenSettings settings)
    {
        var tokens = new ConnectionTokens(settings, new SigningSecret(TestToken.Secret), new LiveKeys(new InMemoryStateStore(_time)), _time);
        var (status, identity) = await tokens.VerifyAsync(token);
        return status is TokenStatus.Valid ? identity.Principal.Name : null;
    }
}
