using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class WebhookSignatureTests
{
    [Test]
    public void A_signature_is_that_of_the_example_in_the_specification()
    {
        var signature = WebhookSignature.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}""".Utf8());

        Assert.That(signature, Is.EqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    [Test]
    public void Each_secret_is_another_one_of_256_bits()
    {
        var (first, second) = (WebhookSignature.NewSecret(), WebhookSignature.NewSecret());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first, Is.Not.EqualTo(second));
            Assert.That(first, Does.StartWith("whsec_"));
            Assert.That(Convert.FromBase64String(first["whsec_".Length..]), Has.Length.EqualTo(32));
        }
    }
}
