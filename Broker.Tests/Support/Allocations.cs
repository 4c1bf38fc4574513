namespace ClawEvents.Broker.Tests.Support;

/// <summary>Measures what a hot path allocates.</summary>
internal static class Allocations
{
    /// <summary>Bytes that one call allocates on the thread that makes it, in the best of several rounds.</summary>
    /// <remarks>
    /// Warmed first, so that what is made once does not count; the best round, so that what the runtime does on this thread now and
    /// then (tiered code coming in) does not either. Code that allocates on every call has no round without.
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
