using System.Diagnostics;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Waits for what must happen, and not for a while.</summary>
internal static class Eventually
{
    public static Task IsTrueAsync(Func<bool> condition, string what = "it never happens") => IsTrueAsync(() => Task.FromResult(condition()), what);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> IsTrueAsync(Func<Task<bool>> condition, string what = "it never happens")
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), what);
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }

        return Stopwatch.GetElapsedTime(begun);
    }
}
