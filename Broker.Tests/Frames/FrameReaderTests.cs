using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.Frames;

internal sealed class FrameReaderTests
{
    private const int MaxPayload = 100_000;

    // Every opcode, and lengths on both sides of each form's edge.
    [TestCase(0x0, 5, true, 6)]
    [TestCase(0x0, 5, false, 6)]
    [TestCase(0x1, 0, true, 6)]
    [TestCase(0x1, 0, false, 6)]
    [TestCase(0x1, 125, true, 6)]
    [TestCase(0x1, 126, true, 8)]
    [TestCase(0x2, 127, false, 8)]
    [TestCase(0x2, 65535, true, 8)]
    [TestCase(0x1, 65536, true, 14)]
    [TestCase(0x1, MaxPayload, true, 14)]
    [TestCase(0x8, 0, true, 6)]
    [TestCase(0x8, 125, true, 6)]
    [TestCase(0x9, 125, true, 6)]
    [TestCase(0xA, 3, true, 6)]
    public void A_header_is_incomplete_until_its_last_byte_and_then_read(int opcode, int length, bool isFinal, int headerLength)
    {
        byte[] bytes = [.. ClientFrame.Header(opcode, length, isFinal), .. new byte[20]];

        for (var split = 0; split < bytes.Length; split++)
        {
            var status = FrameReader.TryRead(bytes.AsSpan(0, split), MaxPayload, out var header);

            Assert.That(status, Is.EqualTo(split < headerLength ? FrameStatus.Incomplete : FrameStatus.Header), $"after {split} bytes");
            Assert.That(header, Is.EqualTo(split < headerLength
                ? default
                : new FrameHeader((Opcode)opcode, isFinal, BitConverter.ToUInt32(ClientFrame.Mask), headerLength, length)));
        }
    }

    [TestCase(0x0, false)]
    [TestCase(0x1, false)]
    [TestCase(0x2, false)]
    [TestCase(0x8, true)]
    [TestCase(0x9, true)]
    [TestCase(0xA, true)]
    public void Control_frames_are_distinguished_from_data_frames(int opcode, bool isControl)
    {
        FrameReader.TryRead(ClientFrame.Header(opcode, 1), MaxPayload, out var header);

        Assert.That(header.IsControl, Is.EqualTo(isControl));
    }

    // A fault is reported as soon as the byte that causes it has come.
    [TestCase(new byte[] { 0xC1 }, TestName = "The_first_reserved_bit_is_an_error")]
    [TestCase(new byte[] { 0xA1 }, TestName = "The_second_reserved_bit_is_an_error")]
    [TestCase(new byte[] { 0x91 }, TestName = "The_third_reserved_bit_is_an_error")]
    [TestCase(new byte[] { 0xC9 }, TestName = "A_reserved_bit_on_a_control_frame_is_an_error")]
    [TestCase(new byte[] { 0x81, 0x05 }, TestName = "A_frame_without_a_mask_is_an_error")]
    [TestCase(new byte[] { 0x88, 0x00 }, TestName = "A_close_frame_without_a_mask_is_an_error")]
    [TestCase(new byte[] { 0x09, 0x80 }, TestName = "A_fragmented_ping_is_an_error")]
    [TestCase(new byte[] { 0x08, 0x80 }, TestName = "A_fragmented_close_frame_is_an_error")]
    [TestCase(new byte[] { 0x89, 0xFE }, TestName = "A_ping_with_a_16_bit_length_is_an_error")]
    [TestCase(new byte[] { 0x88, 0xFF }, TestName = "A_close_frame_with_a_64_bit_length_is_an_error")]
    [TestCase(new byte[] { 0x81, 0xFE, 0x00, 0x7D }, TestName = "125_in_16_bits_is_an_error")]
    [TestCase(new byte[] { 0x81, 0xFE, 0x00, 0x00 }, TestName = "0_in_16_bits_is_an_error")]
    [TestCase(new byte[] { 0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF }, TestName = "65535_in_64_bits_is_an_error")]
    [TestCase(new byte[] { 0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1 }, TestName = "1_in_64_bits_is_an_error")]
    [TestCase(new byte[] { 0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0 }, TestName = "A_length_of_2_to_the_63_is_an_error")]
    [TestCase(new byte[] { 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, TestName = "A_length_of_2_to_the_64_less_1_is_an_error")]
    public void A_fault_is_reported_at_the_byte_that_causes_it(byte[] bytes)
    {
        byte[] longer = [.. bytes, .. new byte[14]];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(FrameReader.TryRead(bytes.AsSpan(..^1), MaxPayload, out _), Is.EqualTo(FrameStatus.Incomplete), "one byte before");
            Assert.That(FrameReader.TryRead(bytes, MaxPayload, out var header), Is.EqualTo(FrameStatus.ProtocolError));
            Assert.That(header, Is.EqualTo(default(FrameHeader)));
            Assert.That(FrameReader.TryRead(longer, MaxPayload, out _), Is.EqualTo(FrameStatus.ProtocolError));
        }
    }

    [Test]
    public void Only_six_opcodes_are_accepted([Range(0, 15)] int opcode)
    {
        int[] known = [0x0, 0x1, 0x2, 0x8, 0x9, 0xA];

        var status = FrameReader.TryRead(ClientFrame.Header(opcode, 0), MaxPayload, out _);

        Assert.That(status, Is.EqualTo(known.Contains(opcode) ? FrameStatus.Header : FrameStatus.ProtocolError));
    }

    [TestCase(0x1, 101, 100, 2)]
    [TestCase(0x0, 101, 100, 2)]
    [TestCase(0x2, 1_001, 1_000, 4)]
    [TestCase(0x1, 65_536, 65_535, 10)]
    [TestCase(0x1, long.MaxValue, int.MaxValue, 10)]
    public void A_frame_that_is_too_long_is_refused_before_its_mask_has_come(int opcode, long length, int limit, int lengthEnds)
    {
        var bytes = ClientFrame.Header(opcode, length);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(FrameReader.TryRead(bytes.AsSpan(0, lengthEnds - 1), limit, out _), Is.EqualTo(FrameStatus.Incomplete));
            Assert.That(FrameReader.TryRead(bytes.AsSpan(0, lengthEnds), limit, out var header), Is.EqualTo(FrameStatus.TooBig));
            Assert.That((header.HeaderLength, header.PayloadLength), Is.EqualTo((lengthEnds + 4, length)), "what there is to skip");
            Assert.That(FrameReader.TryRead(ClientFrame.Header(opcode, limit), limit, out _), Is.EqualTo(FrameStatus.Header), "the limit itself is legal");
        }
    }

    [Test]
    public void The_limit_applies_to_data_frames_and_not_to_control_frames()
    {
        Assert.That(FrameReader.TryRead(ClientFrame.Header(0x9, 125), maxPayload: 10, out _), Is.EqualTo(FrameStatus.Header));
    }
}
