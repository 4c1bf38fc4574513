namespace ClawEvents.Broker.Hub;

/// <summary>Writes a patch into a place of limited size.</summary>
internal ref struct FossilWriter(Span<byte> destination)
{
    private const int MaxDigits = 6;

    private readonly Span<byte> _destination = destination;

    public int Written { get; private set; }

    /// <summary>Whether something did not fit; what was written is worth nothing then.</summary>
    public bool HasOverflowed { get; private set; }

    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"u8;

    public void WriteLength(int length)
    {
        WriteNumber((uint)length);
        Write("\n"u8);
    }

    public void WriteCopy(int offset, int count)
    {
        WriteNumber((uint)count);
        Write("@"u8);
        WriteNumber((uint)offset);
        Write(","u8);
    }

    public void WriteInsert(ReadOnlySpan<byte> bytes)
    {
        WriteNumber((uint)bytes.Length);
        Write(":"u8);
        Write(bytes);
    }

    public void WriteChecksum(uint checksum)
    {
        WriteNumber(checksum);
        Write(";"u8);
    }

    private void WriteNumber(uint number)
    {
        Span<byte> digits = stackalloc byte[MaxDigits];
        var first = MaxDigits;
        do
        {
            digits[--first] = Digits[(int)(number & 63)];
            number >>= 6;
        }
        while (number > 0);
        Write(digits[first..]);
    }

    private void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (HasOverflowed || !bytes.TryCopyTo(_destination[Written..]))
        {
            HasOverflowed = true;
            return;
        }

        Written += bytes.Length;
    }
}
