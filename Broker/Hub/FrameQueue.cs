namespace ClawEvents.Broker.Hub;

/// <summary>Frames that wait to be sent, by reference; a part of the first one may have been sent.</summary>
/// <remarks>Made when the far end falls behind, and dropped when it has caught up. Not thread-safe.</remarks>
internal sealed class FrameQueue
{
    private readonly Queue<ReadOnlyMemory<byte>> _frames = new();
    private int _sentOfFirst;

    // What lies first is the rest of something of which a part was sent before it came here.
    private bool _isRest;

    /// <summary>Bytes that are still to be sent.</summary>
    public int Bytes { get; private set; }

    public bool IsEmpty => _frames.Count == 0;

    /// <summary>How often some of them were sent.</summary>
    public int Steps { get; private set; }

    public void Enqueue(ReadOnlyMemory<byte> frame)
    {
        _frames.Enqueue(frame);
        Bytes += frame.Length;
    }

    /// <summary>Puts the rest of what was sent in part before the frames that wait, none of which has begun.</summary>
    public void EnqueueRest(ReadOnlyMemory<byte> rest)
    {
        Enqueue(rest);
        _isRest = true;
        for (var i = _frames.Count; i > 1; i--)
        {
            _frames.Enqueue(_frames.Dequeue());
        }
    }

    /// <summary>Copies from the first byte that is to be sent.</summary>
    /// <returns>The number of bytes copied.</returns>
    public int CopyTo(Span<byte> target)
    {
        var copied = 0;
        var skip = _sentOfFirst;
        foreach (var frame in _frames)
        {
            var rest = frame.Span[skip..];
            skip = 0;
            var length = Math.Min(rest.Length, target.Length - copied);
            rest[..length].CopyTo(target[copied..]);
            copied += length;
            if (copied == target.Length)
            {
                break;
            }
        }

        return copied;
    }

    /// <summary>Removes bytes that were sent.</summary>
    /// <param name="sent">At most <see cref="Bytes"/>.</param>
    public void Advance(int sent)
    {
        Steps += sent > 0 ? 1 : 0;
        Bytes -= sent;
        _sentOfFirst += sent;
        while (_frames.TryPeek(out var first) && _sentOfFirst >= first.Length)
        {
            _sentOfFirst -= first.Length;
            _isRest = false;
            _frames.Dequeue();
        }
    }

    /// <summary>Drops all frames but one of which a part was sent: without its rest the next one could not be read.</summary>
    public void DropUnbegun()
    {
        var begun = _isRest || _sentOfFirst > 0 ? _frames.Peek() : default;
        _frames.Clear();
        Bytes = 0;
        if (begun.Length > 0)
        {
            _frames.Enqueue(begun);
            Bytes = begun.Length - _sentOfFirst;
        }
    }
}
