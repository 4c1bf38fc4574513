using System.Diagnostics;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Waits for what must become true and tells nobody when it has.</summary>
internal static class Eventually
{
    public static Task IsTrueAsync(Func<Task<bool>> condition) => GetAsync(condition, isTrue => isTrue);

    public static Task IsTrueAsync(Func<bool> condition) => IsTrueAsync(() => Task.FromResult(condition()));

    /// <summary>Asks until the answer is as it should be; a test does not wait for ever.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight)
    {
        var begun = Stopwatch.GetTimestamp();
        var answer = await ask();
        while (!isRight(answer))
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience), $"It stayed {answer}.");
            await Task.Delay(10);
            answer = await ask();
        }

        return answer;
    }
}
