using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>The budget of TokenVerifierBenchmarks: who publishes again allocates nothing for its token.</summary>
internal sealed class TokenVerifierAllocationTests
{
    [TestCase("{\"sub\":\"bob\"}")]
    [TestCase("{\"sub\":\"bob\",\"type\":\"apikey\"}")]
    public async Task A_token_seen_lately_allocates_nothing(string claims)
    {
        var store = new InMemoryStateStore(TimeProvider.System);
        var verifier = new TokenVerifier(new SigningSecret(TestToken.Secret), store, TimeProvider.System);
        var header = $"Bearer {TestToken.Of(claims)}";
        await store.SetKeyHashAsync("bob", TokenIssuer.HashOf(header[7..]));

        var bytes = Allocations.PerCall(() => TakeNow(verifier.VerifyAsync(header.AsMemory(7))));

        Assert.That(bytes, Is.Zero);
    }

    private static void TakeNow(ValueTask<TokenResult> answer)
    {
        if (!answer.IsCompletedSuccessfully || answer.Result.Status is not TokenStatus.Valid)
        {
            throw new InvalidOperationException("The answer had to be awaited, or is no.");
        }
    }
}
