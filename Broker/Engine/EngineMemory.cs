using System.Diagnostics;

namespace ClawEvents.Broker.Engine;

/// <summary>The bytes that all histories hold together, and the most they may.</summary>
/// <remarks>Thread-safe. One counter for all channels: an interlocked addition per publication is no gate.</remarks>
internal sealed class EngineMemory(long maxBytes)
{
    private long _used;

    public long Used => Volatile.Read(ref _used);

    public bool IsExceeded => Used > maxBytes;

    public void Add(long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        Debug.Assert(used >= 0, "Nobody gives back more than was taken.");
    }
}
