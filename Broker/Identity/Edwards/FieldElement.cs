using System.Buffers.Binary;

namespace ClawEvents.Broker.Identity.Edwards;

/// <summary>A number modulo 2^255 - 19, the field of Ed25519 (RFC 8032, section 5.1).</summary>
/// <remarks>Five limbs of 51 bits, each below 2^52 between operations. Not in constant time: it only ever sees what is public.</remarks>
internal readonly struct FieldElement
{
    private const int LimbBits = 51;
    private const ulong LimbMask = (1UL << LimbBits) - 1;

    private readonly ulong _a, _b, _c, _d, _e;

    private FieldElement(ulong a, ulong b, ulong c, ulong d, ulong e) => (_a, _b, _c, _d, _e) = (a, b, c, d, e);

    public static FieldElement Zero => default;

    public static FieldElement One { get; } = new(1, 0, 0, 0, 0);

    public bool IsZero => ToBytes().AsSpan().IndexOfAnyExcept((byte)0) < 0;

    /// <summary>The lowest bit.</summary>
    public bool IsOdd => (ToBytes()[0] & 1) == 1;

    public static FieldElement operator +(in FieldElement x, in FieldElement y) => Carry(x._a + y._a, x._b + y._b, x._c + y._c, x._d + y._d, x._e + y._e);

    // Four times the modulus is added, so that no limb falls below zero.
    public static FieldElement operator -(in FieldElement x, in FieldElement y)
    {
        const ulong first = 4 * (LimbMask - 18);
        const ulong others = 4 * LimbMask;
        return Carry(x._a + first - y._a, x._b + others - y._b, x._c + others - y._c, x._d + others - y._d, x._e + others - y._e);
    }

    // 2^255 is 19: what overflows the top comes back at the bottom, times 19.
    public static FieldElement operator *(in FieldElement x, in FieldElement y)
    {
        var (b, c, d, e) = (19 * y._b, 19 * y._c, 19 * y._d, 19 * y._e);
        var r0 = Math.BigMul(x._a, y._a) + Math.BigMul(x._b, e) + Math.BigMul(x._c, d) + Math.BigMul(x._d, c) + Math.BigMul(x._e, b);
        var r1 = Math.BigMul(x._a, y._b) + Math.BigMul(x._b, y._a) + Math.BigMul(x._c, e) + Math.BigMul(x._d, d) + Math.BigMul(x._e, c);
        var r2 = Math.BigMul(x._a, y._c) + Math.BigMul(x._b, y._b) + Math.BigMul(x._c, y._a) + Math.BigMul(x._d, e) + Math.BigMul(x._e, d);
        var r3 = Math.BigMul(x._a, y._d) + Math.BigMul(x._b, y._c) + Math.BigMul(x._c, y._b) + Math.BigMul(x._d, y._a) + Math.BigMul(x._e, e);
        var r4 = Math.BigMul(x._a, y._e) + Math.BigMul(x._b, y._d) + Math.BigMul(x._c, y._c) + Math.BigMul(x._d, y._b) + Math.BigMul(x._e, y._a);
        r1 += r0 >> LimbBits;
        r2 += r1 >> LimbBits;
        r3 += r2 >> LimbBits;
        r4 += r3 >> LimbBits;
        return Carry(
            ((ulong)r0 & LimbMask) + (19 * (ulong)(r4 >> LimbBits)), (ulong)r1 & LimbMask, (ulong)r2 & LimbMask, (ulong)r3 & LimbMask, (ulong)r4 & LimbMask);
    }

    /// <param name="bytes">32, little-endian; the highest bit is not looked at.</param>
    /// <param name="element">The number.</param>
    /// <returns>False when it is not below the modulus.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FieldElement element)
    {
        var (w0, w1) = (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        var (w2, w3) = (BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        element = new(
            w0 & LimbMask,
            ((w0 >> 51) | (w1 << 13)) & LimbMask,
            ((w1 >> 38) | (w2 << 26)) & LimbMask,
            ((w2 >> 25) | (w3 << 39)) & LimbMask,
            (w3 >> 12) & LimbMask);
        return !(element._a >= LimbMask - 18 && element._b == LimbMask && element._c == LimbMask && element._d == LimbMask && element._e == LimbMask);
    }

    /// <returns>32 bytes, little-endian, below the modulus.</returns>
    public byte[] ToBytes()
    {
        var x = Carry(_a, _b, _c, _d, _e);

        // Whether it is the modulus or more shows in the carry out of the top when 19 is added.
        var quotient = (x._a + 19) >> LimbBits;
        quotient = (x._b + quotient) >> LimbBits;
        quotient = (x._c + quotient) >> LimbBits;
        quotient = (x._d + quotient) >> LimbBits;
        quotient = (x._e + quotient) >> LimbBits;
        var a = x._a + (19 * quotient);
        var b = x._b + (a >> LimbBits);
        var c = x._c + (b >> LimbBits);
        var d = x._d + (c >> LimbBits);
        var e = x._e + (d >> LimbBits);
        (a, b, c, d, e) = (a & LimbMask, b & LimbMask, c & LimbMask, d & LimbMask, e & LimbMask);
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, a | (b << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), (b >> 13) | (c << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), (c >> 26) | (d << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), (d >> 39) | (e << 12));
        return bytes;
    }

    /// <summary>To the power of 2^252 - 3, with which square roots are found (section 5.1.3).</summary>
    public FieldElement RootPower() => Power(252, skipped: 0b10);

    /// <summary>To the power of 2^255 - 21: one divided by it.</summary>
    public FieldElement Inverse() => Power(255, skipped: 0b10100);

    // An exponent of that many bits, all set but those skipped.
    private FieldElement Power(int bits, int skipped)
    {
        var power = this;
        for (var bit = bits - 2; bit >= 0; bit--)
        {
            power *= power;
            power = bit < 8 && (skipped >> bit & 1) == 1 ? power : power * this;
        }

        return power;
    }

    private static FieldElement Carry(ulong a, ulong b, ulong c, ulong d, ulong e)
    {
        b += a >> LimbBits;
        c += b >> LimbBits;
        d += c >> LimbBits;
        e += d >> LimbBits;
        a = (a & LimbMask) + (19 * (e >> LimbBits));
        b = (b & LimbMask) + (a >> LimbBits);
        return new(a & LimbMask, b, c & LimbMask, d & LimbMask, e & LimbMask);
    }
}
