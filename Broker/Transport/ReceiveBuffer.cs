namespace ClawEvents.Broker.Transport;

/// <summary>The memory that a reactor reads into: shared by all of its sockets, so that an idle one has none.</summary>
/// <remarks>
/// Bytes are used up before the next read, in place. Those of a command that waits for a store or a back end are kept instead: reads go on behind them,
/// and when too little is left, in another array; the collector takes the old one when nobody needs it. Only the reactor's thread uses this.
/// </remarks>
internal sealed class ReceiveBuffer
{
    /// <summary>The most bytes of one read.</summary>
    public const int MaxRead = 64 * 1024;

    private const int LeastRead = 16 * 1024;

    private byte[] _bytes = NewArray();
    private int _start;

    /// <summary>Where the next read goes; valid, apart from what is kept, until then.</summary>
    public Memory<byte> Free => _bytes.AsMemory(_start);

    /// <summary>Keeps the first bytes of <see cref="Free"/> for as long as somebody refers to them.</summary>
    public void Keep(int count)
    {
        _start += count;
        if (_bytes.Length - _start < LeastRead)
        {
            (_bytes, _start) = (NewArray(), 0);
        }
    }

    // A multiple of a word less than the limit of the large object heap, where it would live too long.
    private static byte[] NewArray() => GC.AllocateUninitializedArray<byte>(MaxRead);
}
