namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Applies a patch strictly by the format, and throws <see cref="FormatException"/> at violations.</summary>
internal sealed class FossilPatch(byte[] source, byte[] patch)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";

    private readonly List<byte> _target = [];
    private int _at;

    public static byte[] Apply(byte[] source, byte[] patch) => new FossilPatch(source, patch).Apply();

    private byte[] Apply()
    {
        var length = (int)ReadNumber();
        Expect('\n');
        while (true)
        {
            var number = ReadNumber();
            switch ((char)patch[_at++])
            {
                case '@':
                    var offset = (int)ReadNumber();
                    Expect(',');
                    _target.AddRange(source.AsSpan(offset, (int)number));
                    break;
                case ':':
                    _target.AddRange(patch.AsSpan(_at, (int)number));
                    _at += (int)number;
                    break;
                case ';':
                    return Check(length, number);
                default:
                    throw new FormatException($"no command at {_at - 1}");
            }
        }
    }

    private byte[] Check(int length, uint checksum)
    {
        byte[] target = [.. _target];
        return target.Length == length && _at == patch.Length && SumOf(target) == checksum
            ? target
            : throw new FormatException("length, end or checksum is wrong");
    }

    // Byte by byte, unlike the broker.
    private static uint SumOf(byte[] target)
    {
        uint sum = 0;
        for (var i = 0; i < target.Length; i++)
        {
            sum += (uint)target[i] << (8 * (3 - (i % 4)));
        }

        return sum;
    }

    private uint ReadNumber()
    {
        var (number, start) = (0u, _at);
        for (int digit; (digit = Digits.IndexOf((char)patch[_at])) >= 0; _at++)
        {
            number = (number << 6) + (uint)digit;
        }

        return _at > start && (patch[start] != '0' || _at == start + 1) ? number : throw new FormatException($"no number at {start}");
    }

    private void Expect(char expected)
    {
        if (patch[_at++] != expected)
        {
            throw new FormatException($"no {(int)expected} at {_at - 1}");
        }
    }
}
