using System.Buffers;

namespace ClawEvents.Broker.Frames;

/// <summary>The fragments of a message that comes in several frames (RFC 6455, section 5.4), put together in pooled memory.</summary>
/// <remarks>Owned by the receive loop of one connection; <see cref="Dispose"/> gives the memory back.</remarks>
internal sealed class FragmentedMessage(Opcode opcode, int maxBytes) : IDisposable
{
    private const int ReadBytes = 4096;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>Text or Binary, from the first frame.</summary>
    public Opcode Opcode { get; } = opcode;

    /// <summary>From the first frame.</summary>
    public bool IsCompressed { get; init; }

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Adds one frame's payload.</summary>
    /// <returns>False when the message would grow past its limit; nothing was added then.</returns>
    public bool TryAppend(in ReadOnlySequence<byte> payload, uint mask)
    {
        var added = (int)payload.Length;
        if (added > maxBytes - _length)
        {
            return false;
        }

        Reserve(_length + added);
        payload.CopyTo(_bytes.AsSpan(_length));
        FrameMask.Unmask(_bytes.AsSpan(_length, added), mask);
        _length += added;
        return true;
    }

    /// <summary>Adds all bytes of a stream.</summary>
    /// <returns>False when the message would grow past its limit.</returns>
    public bool TryAppendAll(Stream stream)
    {
        while (true)
        {
            Reserve(Math.Min(_length + ReadBytes, maxBytes));
            if (_length == maxBytes)
            {
                return stream.ReadByte() < 0;
            }

            var read = stream.Read(_bytes, _length, Math.Min(_bytes.Length, maxBytes) - _length);
            if (read == 0)
            {
                return true;
            }

            _length += read;
        }
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void Reserve(int needed)
    {
        if (needed <= _bytes.Length)
        {
            return;
        }

        // At most the limit: a fragment that fits was checked against it.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(needed, _bytes.Length * 2), maxBytes));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        Dispose();
        _bytes = larger;
    }
}
