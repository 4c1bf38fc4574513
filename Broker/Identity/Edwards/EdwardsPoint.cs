namespace ClawEvents.Broker.Identity.Edwards;

/// <summary>A point of the curve of Ed25519, in the coordinates of RFC 8032, section 5.1.4: x = X/Z, y = Y/Z, x * y = T/Z.</summary>
internal readonly struct EdwardsPoint
{
    private readonly FieldElement _x, _y, _z, _t;

    private EdwardsPoint(in FieldElement x, in FieldElement y, in FieldElement z, in FieldElement t) => (_x, _y, _z, _t) = (x, y, z, t);

    // Before the points, which are made with them.
    private static FieldElement D { get; } = Read("a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352");

    private static FieldElement RootOfMinusOne { get; } = Read("b0a00e4a271beec478e42fad0618432fa7d7fb3d99004d2b0bdfc14f8024832b");

    /// <summary>The neutral element.</summary>
    public static EdwardsPoint Neutral { get; } = new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>The base point: y is 4/5, x is even.</summary>
    public static EdwardsPoint Base { get; } = Decode("5866666666666666666666666666666666666666666666666666666666666666");

    /// <param name="bytes">32: y, little-endian, and in the highest bit whether x is odd.</param>
    /// <param name="point">The point.</param>
    /// <returns>False when there is no such point, or it could be written otherwise.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out EdwardsPoint point)
    {
        point = default;
        if (!FieldElement.TryRead(bytes, out var y))
        {
            return false;
        }

        // x^2 = u/v; section 5.1.3 has the way to its root.
        var square = y * y;
        var (u, v) = (square - FieldElement.One, (D * square) + FieldElement.One);
        var cube = v * v * v;
        var x = u * cube * (u * cube * cube * v).RootPower();
        var check = v * x * x;
        if (!(check - u).IsZero)
        {
            if (!(check + u).IsZero)
            {
                return false;
            }

            x *= RootOfMinusOne;
        }

        var isOdd = bytes[31] >= 0x80;
        if (isOdd && x.IsZero)
        {
            return false;
        }

        x = x.IsOdd == isOdd ? x : FieldElement.Zero - x;
        point = new(x, y, FieldElement.One, x * y);
        return true;
    }

    public static EdwardsPoint operator +(in EdwardsPoint p, in EdwardsPoint q)
    {
        var a = (p._y - p._x) * (q._y - q._x);
        var b = (p._y + p._x) * (q._y + q._x);
        var c = p._t * q._t * (D + D);
        var d = p._z * q._z;
        d += d;
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new(e * f, g * h, f * g, e * h);
    }

    public static EdwardsPoint operator -(in EdwardsPoint p) => new(FieldElement.Zero - p._x, p._y, p._z, FieldElement.Zero - p._t);

    public EdwardsPoint Doubled()
    {
        var (a, b, c, sum) = (_x * _x, _y * _y, _z * _z, _x + _y);
        var h = a + b;
        var (e, g) = (h - (sum * sum), a - b);
        var f = c + c + g;
        return new(e * f, g * h, f * g, e * h);
    }

    /// <returns>m * p + n * q.</returns>
    /// <param name="m">32 bytes, little-endian.</param>
    /// <param name="n">As many.</param>
    public static EdwardsPoint Combine(ReadOnlySpan<byte> m, in EdwardsPoint p, ReadOnlySpan<byte> n, in EdwardsPoint q)
    {
        EdwardsPoint[] sums = [Neutral, p, q, p + q];
        var result = Neutral;
        for (var bit = 255; bit >= 0; bit--)
        {
            result = result.Doubled();
            var sum = (m[bit / 8] >> (bit % 8) & 1) | ((n[bit / 8] >> (bit % 8) & 1) << 1);
            result = sum == 0 ? result : result + sums[sum];
        }

        return result;
    }

    /// <returns>As <see cref="TryDecode"/> reads it.</returns>
    public byte[] Encode()
    {
        var inverse = _z.Inverse();
        var bytes = (_y * inverse).ToBytes();
        bytes[31] |= (_x * inverse).IsOdd ? (byte)0x80 : (byte)0;
        return bytes;
    }

    private static FieldElement Read(string hex) => FieldElement.TryRead(Convert.FromHexString(hex), out var element) ? element : default;

    private static EdwardsPoint Decode(string hex) => TryDecode(Convert.FromHexString(hex), out var point) ? point : default;
}
