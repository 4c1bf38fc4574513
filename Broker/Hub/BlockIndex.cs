using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace ClawEvents.Broker.Hub;

/// <summary>The blocks of a source by their hash. Each block is in one chain; a chain's first blocks are tried, so that a source that repeats
/// itself costs no more than any other.</summary>
internal readonly ref struct BlockIndex
{
    public const int BlockLength = 16;

    private const int MaxCandidates = 16;

    private readonly ReadOnlySpan<byte> _source;
    private readonly int[] _heads;
    private readonly int[] _next;
    private readonly int _shift;

    public BlockIndex(ReadOnlySpan<byte> source)
    {
        var blocks = source.Length / BlockLength;
        var bits = Math.Max(1, BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)blocks)));
        _source = source;
        _shift = 64 - bits;
        _heads = ArrayPool<int>.Shared.Rent(1 << bits);
        _next = ArrayPool<int>.Shared.Rent(blocks);
        _heads.AsSpan(0, 1 << bits).Fill(-1);
        for (var block = blocks - 1; block >= 0; block--)
        {
            ref var head = ref _heads[HashAt(source, block * BlockLength)];
            _next[block] = head;
            head = block;
        }
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_heads);
        ArrayPool<int>.Shared.Return(_next);
    }

    /// <summary>The longest common bytes around a place of the target that hold a whole block of the source.</summary>
    /// <param name="target">To its end; nothing behind it is taken.</param>
    /// <param name="at">Where in the target the block begins.</param>
    /// <param name="from">Nothing of the target before this is taken.</param>
    public BlockMatch FindLongest(ReadOnlySpan<byte> target, int at, int from)
    {
        var best = default(BlockMatch);
        var block = _heads[HashAt(target, at)];
        for (var tried = 0; block >= 0 && tried < MaxCandidates; tried++, block = _next[block])
        {
            var match = Extend(target, at, from, block * BlockLength);
            best = match.Length > best.Length ? match : best;
        }

        return best;
    }

    private BlockMatch Extend(ReadOnlySpan<byte> target, int at, int from, int sourceAt)
    {
        var after = _source[sourceAt..].CommonPrefixLength(target[at..]);
        if (after < BlockLength)
        {
            return default;
        }

        var before = 0;
        while (before < at - from && before < sourceAt && _source[sourceAt - before - 1] == target[at - before - 1])
        {
            before++;
        }

        return new(sourceAt - before, at - before, before + after);
    }

    private int HashAt(ReadOnlySpan<byte> bytes, int at)
    {
        var low = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
        var high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + sizeof(ulong))..]);
        return (int)((((low * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(high, 31)) * 0xC2B2AE3D27D4EB4F) >> _shift);
    }
}
