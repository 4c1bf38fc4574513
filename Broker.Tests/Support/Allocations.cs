namespace ClawEvents.Broker.Tests.Support;

/// <summary>Measures the allocations of a hot path.</summary>
internal static class Allocations
{
    /// <summary>Bytes that one call allocates on the thread that makes it, in the best of several rounds.</summary>
    /// <remarks>
    /// Warmed up first, so that one-time allocations do not count; the best round, so that occasional work of the runtime on this thread
    /// (such as tiered compilation) does not count either. Code that allocates on every call has no round without.
    /// </remarks>
    public static double PerCall(Action call)
    {
        const int warmUp = 2_000;
        const int rounds = 5;
        const int calls = 1_000;
        for (var i = 0; i < warmUp; i++)
        {
            call();
        }

        var least = long.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < calls; i++)
            {
                call();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return (double)least / calls;
    }
}
