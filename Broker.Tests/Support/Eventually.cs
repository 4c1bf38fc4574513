using System.Diagnostics;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Waits for a condition that becomes true without a notification.</summary>
internal static class Eventually
{
    /// <inheritdoc cref="IsTrueAsync(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task<TimeSpan> IsTrueAsync(Func<bool> condition, string what = "it never happens") => IsTrueAsync(() => Task.FromResult(condition()), what);

    /// <returns>The time that it took.</returns>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="what">For the message of a failure.</param>
    /// <param name="patience">Null: <see cref="RunningBroker.Patience"/>.</param>
    public static async Task<TimeSpan> IsTrueAsync(Func<Task<bool>> condition, string what = "it never happens", TimeSpan? patience = null)
    {
        var begun = Stopwatch.GetTimestamp();
        await GetAsync(condition, isTrue => isTrue, what, patience);
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Asks until the answer is right, within a time limit.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight, string what = "it never happens", TimeSpan? patience = null)
    {
        var begun = Stopwatch.GetTimestamp();
        var answer = await ask();
        while (!isRight(answer))
        {
            // Assert would only note the failure when the caller has a multiple scope open, and this loop would never end.
            if (Stopwatch.GetElapsedTime(begun) is var waited && waited >= (patience ?? RunningBroker.Patience))
            {
                throw new AssertionException($"{what}: it stayed {answer} for {waited.TotalSeconds:0.0} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2));
            answer = await ask();
        }

        return answer;
    }
}
