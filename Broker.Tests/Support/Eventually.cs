using System.Diagnostics;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Waits for what must become true and tells nobody when it has.</summary>
internal static class Eventually
{
    /// <inheritdoc cref="IsTrueAsync(Func{Task{bool}}, string)"/>
    public static Task<TimeSpan> IsTrueAsync(Func<bool> condition, string what = "it never happens") => IsTrueAsync(() => Task.FromResult(condition()), what);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> IsTrueAsync(Func<Task<bool>> condition, string what = "it never happens")
    {
        var begun = Stopwatch.GetTimestamp();
        await GetAsync(condition, isTrue => isTrue, what);
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Asks until the answer is as it should be; a test does not wait for ever.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight, string what = "it never happens")
    {
        var begun = Stopwatch.GetTimestamp();
        var answer = await ask();
        while (!isRight(answer))
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), $"{what}: it stayed {answer}.");
            await Task.Delay(TimeSpan.FromMilliseconds(2));
            answer = await ask();
        }

        return answer;
    }
}
