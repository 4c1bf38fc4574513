using System.Text;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class WebhookMessageTests
{
    private static readonly Webhook Hook = new("0123456789abcdef0123456789abcdef", "alice", TestChannel.Named("chat:news"), "https://example.com")
    {
        Secret = "whsec_AAAA",
        Token = default,
        Progress = new(new(0, "")),
    };

    [Test]
    public void A_publication_has_its_place_its_data_and_its_tags()
    {
        var message = WebhookMessage.OfPublication(Hook, new(7, "ep"), new("""{"a":1}""".Utf8(), Tags: new Dictionary<string, string> { ["k"] = "v\"", ["l"] = "w" }));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(message.Id, Is.EqualTo("0123456789abcdef0123456789abcdef_ep_7"));
            Assert.That(TextOf(message), Is.EqualTo(
                """{"type":"publication","webhook":"0123456789abcdef0123456789abcdef","channel":"chat:news","offset":7,"epoch":"ep","data":{"a":1},"tags":{"k":"v\"","l":"w"}}"""));
        }
    }

    [Test]
    public void Data_that_is_not_JSON_is_sent_in_base64()
    {
        var message = WebhookMessage.OfPublication(Hook, new(0, ""), new(new byte[] { 0xff, 0 }));

        Assert.That(TextOf(message), Is.EqualTo("""{"type":"publication","webhook":"0123456789abcdef0123456789abcdef","channel":"chat:news","b64data":"/wA="}"""));
    }

    [Test]
    public void A_gap_says_where_it_ends_and_how_many_are_missing()
    {
        var message = WebhookMessage.OfGap(Hook, new(7, "ep"), 3);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(message.Id, Is.EqualTo("0123456789abcdef0123456789abcdef_ep_7_gap"));
            Assert.That(TextOf(message), Is.EqualTo("""{"type":"gap","webhook":"0123456789abcdef0123456789abcdef","channel":"chat:news","offset":7,"epoch":"ep","missed":3}"""));
            Assert.That(TextOf(WebhookMessage.OfGap(Hook, new(0, "ep"), null)), Does.EndWith("""
                "offset":0,"epoch":"ep"}
                """));
        }
    }

    [Test]
    public void Messages_without_a_place_have_ids_of_their_own()
    {
        var (first, second) = (WebhookMessage.OfTest(Hook), WebhookMessage.OfTest(Hook));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Id, Is.Not.EqualTo(second.Id));
            Assert.That(TextOf(first), Is.EqualTo("""{"type":"test","webhook":"0123456789abcdef0123456789abcdef","channel":"chat:news"}"""));
        }
    }

    private static string TextOf(WebhookMessage message) => Encoding.UTF8.GetString(message.Body.Span);
}
