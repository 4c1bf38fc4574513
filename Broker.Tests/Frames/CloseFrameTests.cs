using System.Reflection;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Frames;

internal sealed class CloseFrameTests
{
    // RFC 6455, section 7.4: what may be sent in a close frame, and both neighbours of each range.
    [TestCase(0, false)]
    [TestCase(999, false)]
    [TestCase(1000, true)]
    [TestCase(1001, true)]
    [TestCase(1002, true)]
    [TestCase(1003, true)]
    [TestCase(1004, false)]
    [TestCase(1005, false)]
    [TestCase(1006, false)]
    [TestCase(1007, true)]
    [TestCase(1008, true)]
    [TestCase(1009, true)]
    [TestCase(1010, true)]
    [TestCase(1011, true)]
    [TestCase(1012, true)]
    [TestCase(1013, true)]
    [TestCase(1014, true)]
    [TestCase(1015, false)]
    [TestCase(1016, false)]
    [TestCase(1100, false)]
    [TestCase(2000, false)]
    [TestCase(2999, false)]
    [TestCase(3000, true)]
    [TestCase(3999, true)]
    [TestCase(4000, true)]
    [TestCase(4999, true)]
    [TestCase(5000, false)]
    [TestCase(65535, false)]
    public void A_client_may_send_only_the_codes_that_the_RFC_allows(int code, bool legal)
    {
        var fault = CloseFrame.Check([(byte)(code >> 8), (byte)code], out var echoed);

        Assert.That(fault, Is.EqualTo(legal ? null : DisconnectCode.ProtocolError));
        Assert.That(echoed, Is.EqualTo(code));
    }

    [Test]
    [Checklist(49)]
    public void Every_code_of_the_client_protocol_has_a_reason_that_fits_a_close_frame()
    {
        var ours = typeof(DisconnectCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<DisconnectCode>();

        var reasons = ours.Where(code => code.Code >= 3000).Select(code => code.Reason.Utf8().Length).ToArray();

        Assert.That(reasons, Is.Not.Empty.And.All.InRange(1, 123));
    }

    [Test]
    public void A_close_frame_without_a_code_is_a_normal_closure()
    {
        var fault = CloseFrame.Check([], out var code);

        Assert.That((fault, code), Is.EqualTo(((DisconnectCode?)null, 1000)));
    }

    [Test]
    public void A_close_frame_with_half_a_code_is_a_protocol_error()
    {
        Assert.That(CloseFrame.Check([3], out _), Is.EqualTo(DisconnectCode.ProtocolError));
    }

    [TestCase("going away")]
    [TestCase("é日😀")]
    public void A_close_reason_may_be_any_text(string reason)
    {
        Assert.That(CloseFrame.Check([0x03, 0xE8, .. reason.Utf8()], out var code), Is.Null);
        Assert.That(code, Is.EqualTo(1000));
    }

    [TestCase(new byte[] { 0xFF })]
    [TestCase(new byte[] { (byte)'a', 0xC3 })]
    [TestCase(new byte[] { 0xED, 0xA0, 0x80 })]
    public void A_close_reason_that_is_not_UTF8_is_an_invalid_payload(byte[] reason)
    {
        Assert.That(CloseFrame.Check([0x03, 0xE8, .. reason], out _), Is.EqualTo(DisconnectCode.InvalidPayload));
    }
}
