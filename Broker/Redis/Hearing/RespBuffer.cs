namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>Bytes that were read and not taken yet, in one piece. Grows to hold the longest value, and shrinks again when that was taken.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RespBuffer
{
    private const int UsualBytes = 64 * 1024;
    private const int MinFreeBytes = 4 * 1024;

    private byte[] _bytes = new byte[UsualBytes];
    private int _start;
    private int _end;

    /// <summary>The space for the next bytes; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            MakeRoom();
            return _bytes.AsMemory(_end);
        }
    }

    /// <summary>Adds the bytes that were read into <see cref="Free"/>.</summary>
    public void Add(int count) => _end += count;

    /// <summary>Takes the next value, if it has arrived as a whole. It is valid until the next use of <see cref="Free"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not RESP.</exception>
    public bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (_start == _end || !RespFrame.TryMeasure(_bytes.AsSpan(_start.._end), out var length))
        {
            return false;
        }

        frame = _bytes.AsMemory(_start, length);
        _start += length;
        return true;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_bytes.Length > UsualBytes)
            {
                _bytes = new byte[UsualBytes];
            }
        }
        else if (_bytes.Length - _end < MinFreeBytes)
        {
            var rest = _bytes.AsSpan(_start.._end);
            var bytes = rest.Length <= _bytes.Length / 2 ? _bytes : new byte[checked(2 * _bytes.Length)];
            rest.CopyTo(bytes);
            (_bytes, _start, _end) = (bytes, 0, rest.Length);
        }
    }
}
