using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Frames;

/// <summary>Removes a client's mask from a payload (RFC 6455, section 5.3).</summary>
internal static class FrameMask
{
    /// <summary>Unmasks in place.</summary>
    /// <param name="payload">Starts at the payload's first byte: the mask's four bytes repeat from there.</param>
    /// <param name="mask">As in <see cref="FrameHeader.Mask"/>.</param>
    public static void Unmask(Span<byte> payload, uint mask)
    {
        if (mask == 0)
        {
            return;
        }

        // Whole vectors first: the mask repeats every four bytes, which divides any vector's width.
        var vectors = MemoryMarshal.Cast<byte, Vector<uint>>(payload);
        var wide = new Vector<uint>(mask);
        foreach (ref var vector in vectors)
        {
            vector ^= wide;
        }

        var rest = payload[(vectors.Length * Vector<byte>.Count)..];
        for (var i = 0; i < rest.Length; i++)
        {
            rest[i] ^= Unsafe.Add(ref Unsafe.As<uint, byte>(ref mask), i & 3);
        }
    }
}
