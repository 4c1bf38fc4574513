using System.Globalization;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>Hands over at least once: a child that fails is started again, and the cursor moves when one has succeeded, or the message
/// was given up.</summary>
/// <param name="maxAttempts">After so many it is given up; null: never.</param>
internal sealed class ChildAttempts(DurableConsumer consumer, int? maxAttempts, IDeadLetters deadLetters, StreamReporter reporter, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    public DurableConsumer Consumer { get; } = consumer;

    /// <summary>Returns when it is done, or when <paramref name="stop"/> has ended the waiting: then it comes again at the next start.</summary>
    /// <param name="run">Runs a child; gets the number of the attempt, from 1.</param>
    /// <exception cref="IOException">The cursor cannot be saved.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public async Task DeliverAsync(HandOver handOver, Func<int, Task<ChildTrouble?>> run, Task stop)
    {
        for (var attempt = 1; await run(attempt) is { } trouble; attempt++)
        {
            if (stop.IsCompleted)
            {
                return;
            }
            if (trouble.IsFinal || attempt == maxAttempts)
            {
                await GiveUpAsync(handOver, trouble.Text, attempt, stop);
                return;
            }
            var wait = WaitAfter(attempt);
            reporter.WriteNotice(string.Create(CultureInfo.InvariantCulture, $"{trouble.Text}; attempt {attempt + 1} in {wait.TotalSeconds:0.0} s"));
            if (!await WaitAsync(wait, stop))
            {
                return;
            }
        }
        Finish(handOver);
    }

    private async Task GiveUpAsync(HandOver handOver, string error, int attempts, Task stop)
    {
        var letter = DeadLetter.Of(handOver.Json, handOver.Places, attempts, error, time.GetUtcNow());
        for (var attempt = 1; await deadLetters.KeepAsync(letter) is { } problem; attempt++)
        {
            // Nothing is dropped: what cannot be kept is tried again, here or after the next start.
            reporter.WriteError($"Not kept as a dead letter: {problem}");
            if (!await WaitAsync(WaitAfter(attempt), stop))
            {
                return;
            }
        }
        reporter.WriteError($"{error}; given up, kept in {deadLetters.Place}");
        Finish(handOver);
    }

    private void Finish(HandOver handOver)
    {
        Consumer.MarkDone(handOver.Places);
        Consumer.Save();
    }

    private async Task<bool> WaitAsync(TimeSpan wait, Task stop)
    {
        await Task.WhenAny(Task.Delay(wait, time), stop);
        return !stop.IsCompleted;
    }

    // Doubles from one second on, with jitter: what failed together, for want of a database, must not come back together.
    private static TimeSpan WaitAfter(int attempt)
    {
        var most = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempt - 1), LongestWait.TotalSeconds));
        return most * (1 - (Random.Shared.NextDouble() / 2));
    }
}
