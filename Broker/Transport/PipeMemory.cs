using System.Buffers;

namespace ClawEvents.Broker.Transport;

/// <summary>The memory that Kestrel rents for a connection: the shared pool's, but never none.</summary>
/// <remarks>Kestrel's own pool gives a block whatever is asked for, and Kestrel counts on it: it rents 0 bytes for what is written to a response whose client is gone.</remarks>
internal sealed class PipeMemory : MemoryPool<byte>
{
    private const int LeastBytes = 4096;

    public static readonly PipeMemory Instance = new();

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, LeastBytes));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The shared pool stays.
    }
}
