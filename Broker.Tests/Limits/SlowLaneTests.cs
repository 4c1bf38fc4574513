using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class SlowLaneTests
{
    [Test]
    public async Task Turns_use_at_most_half_of_the_cores()
    {
        var lane = new SlowLane();
        var most = Math.Max(1, Environment.ProcessorCount / 2);
        var (running, mostRunning, turns) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            for (var turn = 0; turn < 20; turn++)
            {
                await lane.NextTurn();
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref mostRunning, now);
                Interlocked.Increment(ref turns);
                Thread.SpinWait(500);
                Interlocked.Decrement(ref running);
            }
        }));

        Assert.That((turns, mostRunning <= most), Is.EqualTo((1_000, true)), $"{mostRunning} turns at the same time, {most} allowed");
    }

    [Test]
    public async Task A_connection_that_waits_always_gets_its_turn()
    {
        var lane = new SlowLane();
        using var stop = new CancellationTokenSource();
        var greedy = Enumerable.Range(0, 10).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                await lane.NextTurn();
            }
        }).ToArray();

        for (var i = 0; i < 100; i++)
        {
            await lane.NextTurn();
        }

        await stop.CancelAsync();
        await Task.WhenAll(greedy);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
