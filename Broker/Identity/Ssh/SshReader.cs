using System.Buffers.Binary;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Reads the binary form of SSH (RFC 4251, section 5) from its front. A read that fails leaves the rest as it was.</summary>
internal ref struct SshReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>The bytes that are not read yet.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

    /// <summary>Whether everything was read.</summary>
    public readonly bool IsAtEnd => Rest.IsEmpty;

    /// <summary>Reads a string: its length in four bytes, then its bytes.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(Rest, out var length) || length > Rest.Length - sizeof(uint))
        {
            return false;
        }

        text = Rest.Slice(sizeof(uint), (int)length);
        Rest = Rest[(sizeof(uint) + (int)length)..];
        return true;
    }

    /// <summary>Reads a positive whole number (mpint).</summary>
    /// <param name="digits">Big-endian, without leading zeros.</param>
    /// <returns>False also for zero, for a negative number, and for one with unnecessary leading zeros.</returns>
    public bool TryReadPositive(out ReadOnlySpan<byte> digits)
    {
        var before = Rest;
        if (TryReadString(out digits) && !digits.IsEmpty && digits[0] <= 127)
        {
            var hasZero = digits[0] == 0;
            digits = hasZero ? digits[1..] : digits;
            if (!digits.IsEmpty && (!hasZero || digits[0] > 127))
            {
                return true;
            }
        }

        Rest = before;
        return false;
    }

    /// <summary>Reads bytes without a length before them.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> read)
    {
        var isThere = count <= Rest.Length;
        read = isThere ? Rest[..count] : default;
        Rest = isThere ? Rest[count..] : Rest;
        return isThere;
    }
}
