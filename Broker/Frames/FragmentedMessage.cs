using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace ClawEvents.Broker.Frames;

/// <summary>The result of adding a fragment to a message.</summary>
internal enum AppendStatus : byte
{
    Added,

    /// <summary>The message would grow past its limit in bytes or fragments; nothing was added.</summary>
    TooBig,

    /// <summary>It is text, and not UTF-8 whatever follows (RFC 6455, section 8.1).</summary>
    InvalidText,
}

/// <summary>The fragments of a message that comes in several frames (RFC 6455, section 5.4), put together in pooled memory.</summary>
/// <remarks>Owned by the receive loop of one connection; <see cref="Dispose"/> gives the memory back.</remarks>
internal sealed class FragmentedMessage(Opcode opcode, int maxBytes) : IDisposable
{
    /// <summary>More fragments than that are a flood: each costs time, an empty one as well.</summary>
    public const int MaxFragments = 4096;

    private const int ReadBytes = 4096;

    // Of a character in UTF-8, without its last byte.
    private const int MaxUnfinishedBytes = 3;

    private byte[] _bytes = [];
    private int _length;
    private int _fragments;

    // As far as this it is valid UTF-8, if it is text.
    private int _validLength;

    /// <summary>Text or Binary, from the first frame.</summary>
    public Opcode Opcode { get; } = opcode;

    /// <summary>From the first frame.</summary>
    public bool IsCompressed { get; init; }

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Adds one frame's payload.</summary>
    /// <param name="isFinal">No character may be unfinished after it.</param>
    public AppendStatus TryAppend(in ReadOnlySequence<byte> payload, uint mask, bool isFinal)
    {
        var added = (int)payload.Length;
        if (added > maxBytes - _length || ++_fragments > MaxFragments)
        {
            return AppendStatus.TooBig;
        }

        Reserve(_length + added);
        payload.CopyTo(_bytes.AsSpan(_length));
        FrameMask.Unmask(_bytes.AsSpan(_length, added), mask);
        _length += added;
        return Opcode is Opcode.Text && !IsCompressed && !IsTextSoFar(isFinal) ? AppendStatus.InvalidText : AppendStatus.Added;
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

    // Each byte is read one time, apart from those of an unfinished character.
    private bool IsTextSoFar(bool isFinal)
    {
        var text = _bytes.AsSpan(_validLength, _length - _validLength);
        var finished = isFinal ? text : text[..^UnfinishedBytesOf(text)];
        _validLength += finished.Length;
        return Utf8.IsValid(finished);
    }

    private static int UnfinishedBytesOf(ReadOnlySpan<byte> text)
    {
        for (var length = 1; length <= Math.Min(MaxUnfinishedBytes, text.Length); length++)
        {
            var isFirstOfCharacter = (text[^length] & 0xC0) != 0x80;
            if (isFirstOfCharacter)
            {
                return Rune.DecodeFromUtf8(text[^length..], out _, out _) is OperationStatus.NeedMoreData ? length : 0;
            }
        }

        return 0;
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
