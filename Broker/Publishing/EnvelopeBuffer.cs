using System.Buffers;

namespace ClawEvents.Broker.Publishing;

/// <summary>Memory to write an envelope into. Each thread keeps one for the next publish.</summary>
internal static class EnvelopeBuffer
{
    // A thread that once wrapped something large does not keep that much memory for good.
    private const int KeptCapacity = 128 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _ofThisThread;

    /// <summary>Gives an empty buffer, the caller's own until <see cref="Return"/>.</summary>
    public static ArrayBufferWriter<byte> Rent()
    {
        var buffer = _ofThisThread ?? new ArrayBufferWriter<byte>();
        _ofThisThread = null;
        return buffer;
    }

    public static void Return(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity <= KeptCapacity)
        {
            buffer.ResetWrittenCount();
            _ofThisThread = buffer;
        }
    }
}
