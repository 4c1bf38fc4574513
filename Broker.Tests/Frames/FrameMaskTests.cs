using ClawEvents.Broker.Frames;

namespace ClawEvents.Broker.Tests.Frames;

internal sealed class FrameMaskTests
{
    [Test]
    public void Unmasking_agrees_with_the_RFCs_own_loop_at_every_length_and_place([Range(0, 100)] int length)
    {
        var random = new Random(length);
        byte[] mask = [0x37, 0xFA, 0x21, 0x3D];

        // Every alignment in memory: whole vectors must not depend on it.
        for (var start = 0; start < 9; start++)
        {
            var bytes = new byte[start + length + 8];
            random.NextBytes(bytes);
            var expected = bytes.ToArray();
            for (var i = 0; i < length; i++)
            {
                expected[start + i] ^= mask[i % 4];
            }

            FrameMask.Unmask(bytes.AsSpan(start, length), BitConverter.ToUInt32(mask));

            Assert.That(bytes, Is.EqualTo(expected), "the payload is unmasked and nothing around it");
        }
    }

    [Test]
    public void A_mask_of_zeros_changes_nothing()
    {
        byte[] bytes = [1, 2, 3, 4, 5];

        FrameMask.Unmask(bytes, 0);

        Assert.That(bytes, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
    }
}
