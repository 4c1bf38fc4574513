using System.Buffers;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.Frames;

internal sealed class FrameWriterTests
{
    [TestCase(0, new byte[] { 0x81, 0 })]
    [TestCase(125, new byte[] { 0x81, 125 })]
    [TestCase(126, new byte[] { 0x81, 126, 0, 126 })]
    [TestCase(65_535, new byte[] { 0x81, 126, 0xFF, 0xFF })]
    [TestCase(65_536, new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 })]
    [TestCase(1_000_000, new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 0x0F, 0x42, 0x40 })]
    public void The_header_has_the_shortest_form_of_the_length(int length, byte[] header)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var writer = FrameWriter.Begin();

        writer.Write(payload);
        var frame = writer.Complete(Opcode.Text).ToArray();

        Assert.That(frame.AsSpan(0, header.Length).ToArray(), Is.EqualTo(header));
        Assert.That(frame.AsSpan(header.Length).SequenceEqual(payload), Is.True);
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(1_000)]
    public void Several_writes_become_one_payload(int piece)
    {
        var payload = new byte[50_000];
        new Random(1).NextBytes(payload);
        var writer = FrameWriter.Begin();

        foreach (var part in payload.Chunk(piece))
        {
            part.CopyTo(writer.GetMemory(part.Length));
            writer.Advance(part.Length);
        }

        Assert.That(writer.Complete(Opcode.Binary)[4..].SequenceEqual(payload), Is.True);
    }

    [Test]
    public void Each_call_of_Begin_starts_a_new_frame()
    {
        FrameWriter.Begin().Write("what was not completed"u8);
        var writer = FrameWriter.Begin();

        writer.Write("ab"u8);

        Assert.That(writer.Complete(Opcode.Pong).ToArray(), Is.EqualTo((byte[])[0x8A, 2, (byte)'a', (byte)'b']));
    }

    [Test]
    public void Threads_write_frames_concurrently_without_mixing_them_up()
    {
        var wrong = 0;

        Parallel.For(0, 2_000, i =>
        {
            var text = new string((char)('a' + (i % 26)), i % 200);
            var writer = FrameWriter.Begin();
            writer.Write(text.Utf8());
            if (ServerFrame.ParseAll(writer.Complete(Opcode.Text)).Single().ToString() != text)
            {
                Interlocked.Increment(ref wrong);
            }
        });

        Assert.That(wrong, Is.Zero);
    }

    [TestCase(1000, "", new byte[] { 0x88, 2, 0x03, 0xE8 })]
    [TestCase(3501, "bad", new byte[] { 0x88, 5, 0x0D, 0xAD, (byte)'b', (byte)'a', (byte)'d' })]
    [TestCase(4999, "x", new byte[] { 0x88, 3, 0x13, 0x87, (byte)'x' })]
    public void A_close_frame_holds_code_and_reason(int code, string reason, byte[] expected)
    {
        Assert.That(FrameWriter.Close(code, reason), Is.EqualTo(expected));
    }

    [Test]
    public void A_close_frame_may_have_the_longest_legal_reason()
    {
        var frame = FrameWriter.Close(3000, new string('r', 123));

        Assert.That(frame[1], Is.EqualTo(125));
        Assert.That(frame, Has.Length.EqualTo(127));
    }

    [Test]
    public void A_small_frame_allocates_nothing()
    {
        var perCall = Allocations.PerCall(() =>
        {
            var writer = FrameWriter.Begin();
            writer.Write("{\"id\":1,\"publish\":{}}"u8);
            writer.Complete(Opcode.Text);
        });

        Assert.That(perCall, Is.Zero);
    }
}
