using System.Text;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

/// <summary>The claims of a subscription's token.</summary>
internal sealed class SubscriptionTokensTests
{
    private static readonly Guid Client = new("8b1c1d0e-2a3b-4c5d-8e6f-0123456789ab");

    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task A_token_allows_a_channel_with_info_data_and_options()
    {
        var (status, grant) = await VerifyAsync($$$"""{"sub":"42","channel":"chat:x","exp":{{{TestToken.Seconds(60)}}},"info":{"i":1},"data":{"d":1},"override":{"presence":{"value":true} } }""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((status, grant!.ExpiresAt), Is.EqualTo((SubscriptionTokenStatus.Valid, ManualTimeProvider.Start.AddSeconds(60))));
            Assert.That(Encoding.UTF8.GetString(grant.Info.Span), Is.EqualTo("""{"i":1}"""));
            Assert.That(Encoding.UTF8.GetString(grant.Data.Span), Is.EqualTo("""{"d":1}"""));
            Assert.That((grant.Channel, grant.Overrides.Presence), Is.EqualTo(("chat:x", (bool?)true)));
        }
    }

    [TestCase("""{"sub":"42","channel":"chat:x"}""", SubscriptionTokenStatus.Valid)]
    [TestCase("""{"sub":"42","channel":"chat:x","client":"8b1c1d0e-2a3b-4c5d-8e6f-0123456789ab"}""", SubscriptionTokenStatus.Valid)]
    [TestCase("""{"sub":"42","channel":"chat:x","client":"another"}""", SubscriptionTokenStatus.Foreign)]
    [TestCase("""{"sub":"7","channel":"chat:x"}""", SubscriptionTokenStatus.Foreign)]
    [TestCase("""{"channel":"chat:x"}""", SubscriptionTokenStatus.Foreign)]
    [TestCase("""{"sub":"42","channel":"chat:y"}""", SubscriptionTokenStatus.Foreign)]
    [TestCase("""{"sub":"42"}""", SubscriptionTokenStatus.Invalid)]
    [TestCase("""{"sub":"42","channel":""}""", SubscriptionTokenStatus.Invalid)]
    [TestCase("""{"sub":"42","channel":5}""", SubscriptionTokenStatus.Invalid)]
    [TestCase("""{"sub":"42","channel":"chat:x","b64data":"%"}""", SubscriptionTokenStatus.Invalid)]
    [TestCase("""{"sub":"42","channel":"chat:\ud800"}""", SubscriptionTokenStatus.Invalid)]
    [TestCase("""{"sub":"42","channel":"chat:x","exp":1}""", SubscriptionTokenStatus.Expired)]
    [TestCase("""{"sub":"42","channel":"chat:x","expire_at":1}""", SubscriptionTokenStatus.Ended)]
    [TestCase("""{"sub":"42","channel":"chat:x","expire_at":0}""", SubscriptionTokenStatus.Valid)]
    public async Task A_token_has_to_name_this_user_channel_and_client(string claims, SubscriptionTokenStatus status) =>
        Assert.That((await VerifyAsync(claims)).Status, Is.EqualTo(status));

    private ValueTask<SubscriptionTokenResult> VerifyAsync(string claims) =>
        new SubscriptionTokens(new(), new SigningSecret(TestToken.Secret), _time).VerifyAsync(SignedToken.Of(claims), "chat:x", "42", Client);
}
