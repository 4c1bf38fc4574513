namespace ClawEvents.Broker.Hub;

/// <summary>The frames of one batch, laid end to end for the subscribers of one wire. Only its reactor's thread uses it.</summary>
internal sealed class SharedFrames
{
    private byte[] _bytes = [];
    private int _length;
    private byte[]? _kept;

    /// <summary>Valid until the batch ends.</summary>
    public ReadOnlySpan<byte> Bytes => (_kept ?? _bytes).AsSpan(0, _length);

    /// <summary>The same bytes in memory that stays: for subscribers that do not read fast enough, who share it.</summary>
    public ReadOnlyMemory<byte> Keep() => _kept ??= Bytes.ToArray();

    public void Begin()
    {
        _length = 0;
        _kept = null;
    }

    /// <summary>Makes one frame, which is shared already, all there is.</summary>
    public void SetSingle(byte[] frame) => (_kept, _length) = (frame, frame.Length);

    public void Add(ReadOnlySpan<byte> frame)
    {
        if (_bytes.Length - _length < frame.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + frame.Length, _bytes.Length * 2));
        }

        frame.CopyTo(_bytes.AsSpan(_length));
        _length += frame.Length;
    }

    /// <summary>Gives back what a very long batch has needed.</summary>
    public void Trim(int mostBytes)
    {
        _kept = null;
        if (_bytes.Length > mostBytes)
        {
            _bytes = [];
        }
    }
}
