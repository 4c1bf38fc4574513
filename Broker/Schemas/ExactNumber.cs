using System.Globalization;
using System.Numerics;

namespace ClawEvents.Broker.Schemas;

/// <summary>
/// A JSON number without rounding: <c>±digits × 10^exponent</c>. An exponent beyond ±10^15 counts as that, so <c>1e400000000</c> costs no more than <c>1</c>.
/// </summary>
internal readonly struct ExactNumber : IComparable<ExactNumber>
{
    private const long MaxExponent = 1_000_000_000_000_000;
    private const int ChunkDigits = 18;

    private readonly bool _negative;
    private readonly long _exponent;

    /// <summary>Without zeros at either end; empty for zero.</summary>
    private readonly string _digits;

    private ExactNumber(bool negative, string digits, long exponent)
    {
        _negative = negative && digits.Length > 0;
        _digits = digits;
        _exponent = digits.Length > 0 ? exponent : 0;
    }

    /// <summary>1.0 and 1e3 are integers.</summary>
    public bool IsInteger => _exponent >= 0;

    public bool IsPositive => !_negative && _digits.Length > 0;

    public int DigitCount => _digits.Length;

    /// <summary>Position of the decimal point, counted from the first digit: 2 in 12.5.</summary>
    private long Point => _digits.Length + _exponent;

    /// <param name="json">A number as JSON writes it.</param>
    public static ExactNumber Parse(ReadOnlySpan<byte> json)
    {
        var mark = json.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = mark < 0 ? json : json[..mark];
        var exponent = mark < 0 ? 0 : ParseExponent(json[(mark + 1)..]);
        var point = mantissa.IndexOf((byte)'.');
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;

        Span<char> digits = mantissa.Length <= 64 ? stackalloc char[mantissa.Length] : new char[mantissa.Length];
        var length = 0;
        foreach (var character in mantissa)
        {
            if (char.IsAsciiDigit((char)character) && (length > 0 || character != '0'))
            {
                digits[length++] = (char)character;
            }
        }

        var significant = digits[..length].TrimEnd('0');
        return new ExactNumber(mantissa[0] == '-', significant.ToString(), exponent + length - significant.Length);
    }

    public int CompareTo(ExactNumber other)
    {
        if (Sign != other.Sign)
        {
            return Sign.CompareTo(other.Sign);
        }

        // Without zeros at the ends, digits with the point at the same place compare like text.
        var magnitude = Point != other.Point ? Point.CompareTo(other.Point) : string.CompareOrdinal(_digits, other._digits);
        return _negative ? -magnitude : magnitude;
    }

    /// <param name="divisor">Positive.</param>
    public bool IsMultipleOf(ExactNumber divisor)
    {
        if (_digits.Length == 0 || _exponent < divisor._exponent)
        {
            // Digits that do not end with 0 are not a multiple of 10.
            return _digits.Length == 0;
        }

        var modulus = BigInteger.Parse(divisor._digits, CultureInfo.InvariantCulture);
        var scale = BigInteger.ModPow(10, _exponent - divisor._exponent, modulus);
        return (Remainder(_digits, modulus) * scale % modulus).IsZero;
    }

    /// <returns>Null if it is not a whole number from 0 on; <see cref="int.MaxValue"/> if it is larger.</returns>
    public int? ToCount() =>
        _negative || !IsInteger ? null
        : Point > 9 ? int.MaxValue
        : _digits.Length == 0 ? 0
        : int.Parse(_digits, CultureInfo.InvariantCulture) * (int)Math.Pow(10, _exponent);

    /// <summary>One text per number: the same for 1, 1.0 and 10e-1.</summary>
    public string ToCanonicalText() => string.Create(CultureInfo.InvariantCulture, $"{(_negative ? "-" : "")}{_digits}e{_exponent}");

    /// <summary>As JavaScript prints numbers: 12.5, 0.001, 1e+21.</summary>
    public override string ToString()
    {
        if (_digits.Length == 0)
        {
            return "0";
        }

        var text = Point is > 21 or < -5 ? Scientific()
            : Point <= 0 ? $"0.{new string('0', (int)-Point)}{_digits}"
            : IsInteger ? _digits + new string('0', (int)_exponent)
            : _digits.Insert((int)Point, ".");
        return _negative ? "-" + text : text;
    }

    private int Sign => _digits.Length == 0 ? 0 : _negative ? -1 : 1;

    private string Scientific()
    {
        var fraction = _digits.Length > 1 ? "." + _digits[1..] : "";
        return string.Create(CultureInfo.InvariantCulture, $"{_digits[0]}{fraction}e{(Point > 0 ? "+" : "")}{Point - 1}");
    }

    /// <summary>Works chunk by chunk: linear in the digits, unlike parsing all of them as one number.</summary>
    private static BigInteger Remainder(string digits, BigInteger modulus)
    {
        var remainder = BigInteger.Zero;
        for (var at = 0; at < digits.Length; at += ChunkDigits)
        {
            var chunk = digits.AsSpan(at, Math.Min(ChunkDigits, digits.Length - at));
            remainder = ((remainder * BigInteger.Pow(10, chunk.Length)) + long.Parse(chunk, CultureInfo.InvariantCulture)) % modulus;
        }

        return remainder;
    }

    private static long ParseExponent(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        long exponent = 0;
        foreach (var digit in text.TrimStart("+-"u8))
        {
            exponent = Math.Min((exponent * 10) + (digit - '0'), MaxExponent);
        }

        return negative ? -exponent : exponent;
    }
}
