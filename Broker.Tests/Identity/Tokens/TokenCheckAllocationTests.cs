using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>The budget of TokenCheckBenchmarks: a token that was verified recently allocates nothing.</summary>
internal sealed class TokenCheckAllocationTests
{
    private readonly SigningSecret _secret = new(TestToken.Secret);
    private readonly InMemoryStateStore _store = new(TimeProvider.System);

    [TestCase("{\"sub\":\"bob\"}")]
    [TestCase("{\"sub\":\"bob\",\"type\":\"apikey\"}")]
    public async Task A_cached_token_of_an_API_caller_allocates_nothing(string claims)
    {
        var tokens = new CallerTokens(_secret, new LiveKeys(_store), TimeProvider.System);
        var header = $"Bearer {TestToken.Of(claims)}";
        await _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(header[7..]));

        var bytes = Allocations.PerCall(() => ThrowUnless(ResultOf(tokens.VerifyAsync(header.AsMemory(7))).Status is TokenStatus.Valid));

        Assert.That(bytes, Is.Zero);
    }

    [TestCase("{\"sub\":\"bob\",\"info\":{\"name\":\"Bob\"}}")]
    [TestCase("{\"sub\":\"bob\",\"type\":\"apikey\"}")]
    public async Task A_cached_token_of_a_connection_allocates_nothing(string claims)
    {
        var tokens = new ConnectionTokens(new() { PreviousSecret = "the previous secret, of thirty-two bytes" }, _secret, new LiveKeys(_store), TimeProvider.System);
        var token = TestToken.Of(claims);
        await _store.SetKeyHashAsync("bob", TokenIssuer.HashOf(token));

        var bytes = Allocations.PerCall(() => ThrowUnless(ResultOf(tokens.VerifyAsync(token)).Status is TokenStatus.Valid));

        Assert.That(bytes, Is.Zero);
    }

    [Test]
    public void A_cached_token_of_a_subscription_allocates_nothing()
    {
        var tokens = new SubscriptionTokens(new(), _secret, TimeProvider.System);
        var token = TestToken.Of("{\"sub\":\"bob\",\"channel\":\"news\"}");

        var bytes = Allocations.PerCall(() => ThrowUnless(ResultOf(tokens.VerifyAsync(token, "news", "bob", default)).Status is SubscriptionTokenStatus.Valid));

        Assert.That(bytes, Is.Zero);
    }

    private static T ResultOf<T>(ValueTask<T> answer) => answer.IsCompletedSuccessfully ? answer.Result : throw new InvalidOperationException("The answer had to be awaited.");

    private static void ThrowUnless(bool isValid)
    {
        if (!isValid)
        {
            throw new InvalidOperationException("The token is not valid.");
        }
    }
}
