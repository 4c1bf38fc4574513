using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>The code that the instrumented broker has run: SharpFuzz counts the edges between branches in a map, in the manner of AFL.</summary>
/// <remarks>There is one map in a process, and it is never freed: instrumented code writes to it.</remarks>
internal sealed unsafe class FuzzCoverage
{
    private const int MapBytes = 64 * 1024;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
    private readonly byte[] _seen = new byte[MapBytes];

    public FuzzCoverage() => Trace.SharedMem = _map;

    /// <summary>Different edges so far.</summary>
    public int Edges => _seen.Count(counts => counts != 0);

    /// <summary>Forgets the last run, before the next one.</summary>
    public void Begin()
    {
        new Span<byte>(_map, MapBytes).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the run since <see cref="Begin"/> took a new edge, or one in a new order of magnitude.</summary>
    public bool TookNewEdge()
    {
        var isNew = false;
        var run = new ReadOnlySpan<byte>(_map, MapBytes);
        for (var edge = run.IndexOfAnyExcept((byte)0); edge >= 0 && edge < MapBytes; edge = NextOf(run, edge + 1))
        {
            var magnitude = (byte)(1 << Math.Min(7, (int)Math.Log2(run[edge])));
            isNew |= (_seen[edge] & magnitude) == 0;
            _seen[edge] |= magnitude;
        }

        return isNew;
    }

    private static int NextOf(ReadOnlySpan<byte> run, int start) => run[start..].IndexOfAnyExcept((byte)0) is var next and >= 0 ? start + next : -1;
}
