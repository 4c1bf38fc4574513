using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Frames;

[Checklist(15)]
internal sealed class DeflateOfferTests
{
    private const string Plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    [TestCase("permessage-deflate", Plain)]
    [TestCase("Permessage-Deflate", Plain)]
    [TestCase("permessage-deflate; client_max_window_bits", Plain)]
    [TestCase("permessage-deflate; client_max_window_bits=10", Plain)]
    [TestCase("permessage-deflate; client_max_window_bits=\"10\"", Plain)]
    [TestCase("permessage-deflate; server_no_context_takeover; client_no_context_takeover", Plain)]
    [TestCase("permessage-deflate; server_max_window_bits=15", $"{Plain}; server_max_window_bits=15")]
    [TestCase("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits", Plain)]
    [TestCase("permessage-deflate; server_max_window_bits=10, permessage-deflate", Plain)]
    [TestCase("permessage-deflate;server_no_context_takeover", Plain)]
    public void An_acceptable_offer_is_accepted_without_context_takeover_on_either_side(string offer, string answer)
    {
        Assert.That(DeflateOffer.TryAccept(offer, out var given), Is.True);
        Assert.That(given, Is.EqualTo(answer));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" , ;")]
    [TestCase("permessage-bzip2")]
    [TestCase("permessage-deflate; server_max_window_bits")]
    [TestCase("permessage-deflate; server_max_window_bits=14")]
    [TestCase("permessage-deflate; server_max_window_bits=015")]
    [TestCase("permessage-deflate; client_max_window_bits=7")]
    [TestCase("permessage-deflate; client_max_window_bits=16")]
    [TestCase("permessage-deflate; server_no_context_takeover=1")]
    [TestCase("permessage-deflate; client_no_context_takeover; client_no_context_takeover")]
    [TestCase("permessage-deflate; unknown")]
    [TestCase("permessage-deflate; =")]
    public void An_offer_that_the_broker_cannot_keep_is_declined(string? offer) =>
        Assert.That(DeflateOffer.TryAccept(offer, out _), Is.False);
}
