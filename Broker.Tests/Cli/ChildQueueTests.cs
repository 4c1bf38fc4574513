using ClawEvents.Cli.Streams.Children;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChildQueueTests : IDisposable
{
    private readonly List<(HandOver HandOver, TaskCompletionSource<bool> End)> _started = [];
    private readonly SemaphoreSlim _start = new(0);

    public void Dispose() => _start.Dispose();

    [Test, CancelAfter(10_000)]
    public async Task Children_run_one_after_the_other_in_order(CancellationToken cancellation)
    {
        var queue = new ChildQueue(1, 1_000, RunAsync);
        queue.Add(Message(1));
        queue.Add(Message(2));
        queue.Add(Message(3));

        for (var i = 0; i < 3; i++)
        {
            await _start.WaitAsync(cancellation);
            Assert.That(Started(), Is.EqualTo(Enumerable.Range(1, i + 1)));
            Assert.That(queue.WaitingMessages, Is.EqualTo(2 - i));
            End(i, succeeded: true);
        }
        await queue.DrainAsync(cancellation);
    }

    [Test, CancelAfter(10_000)]
    public async Task Children_run_simultaneously_up_to_the_limit(CancellationToken cancellation)
    {
        var queue = new ChildQueue(2, 1_000, RunAsync);
        queue.Add(Message(1));
        queue.Add(Message(2));
        queue.Add(Message(3));

        await _start.WaitAsync(cancellation);
        await _start.WaitAsync(cancellation);
        Assert.That(Started(), Is.EquivalentTo([1, 2]));
        Assert.That(queue.WaitingMessages, Is.EqualTo(1));

        End(1, succeeded: true);
        await _start.WaitAsync(cancellation);
        Assert.That(Started(), Has.Count.EqualTo(3));
        End(0, succeeded: true);
        End(2, succeeded: true);
        await queue.DrainAsync(cancellation);
    }

    [Test, CancelAfter(10_000)]
    public async Task A_full_queue_stays_full_until_half_of_it_is_gone(CancellationToken cancellation)
    {
        var queue = new ChildQueue(1, 4, RunAsync);
        for (var i = 1; i <= 5; i++)
        {
            queue.Add(Message(i));
        }
        await _start.WaitAsync(cancellation);
        var room = queue.WaitForRoomAsync(cancellation);
        Assert.That((queue.IsFull, room.IsCompleted), Is.EqualTo((true, false)));

        End(0, succeeded: true);
        await _start.WaitAsync(cancellation);
        Assert.That((queue.IsFull, room.IsCompleted), Is.EqualTo((false, false)));

        End(1, succeeded: true);
        await room;
        Assert.That(queue.WaitingMessages, Is.EqualTo(2));
    }

    [Test, CancelAfter(10_000)]
    public async Task A_failure_that_stops_the_queue_starts_no_other_child(CancellationToken cancellation)
    {
        var queue = new ChildQueue(1, 1, RunAsync);
        queue.Add(Message(1));
        queue.Add(Message(2));
        await _start.WaitAsync(cancellation);

        End(0, succeeded: false);
        await queue.Stopped;
        queue.Add(Message(3));
        await queue.DrainAsync(cancellation);
        await queue.WaitForRoomAsync(cancellation);

        Assert.That(Started(), Is.EqualTo([1]));
        Assert.That(queue.WaitingMessages, Is.EqualTo(2));
    }

    [Test, CancelAfter(10_000)]
    public async Task A_bug_reaches_the_code_that_waits_for_the_end(CancellationToken cancellation)
    {
        var queue = new ChildQueue(1, 1_000, _ => throw new NotSupportedException("a bug"));

        queue.Add(Message(1));
        await queue.DrainAsync(cancellation);

        Assert.That(async () => await queue.Stopped, Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public async Task A_wait_can_be_cancelled()
    {
        var queue = new ChildQueue(1, 1_000, RunAsync);
        queue.Add(Message(1));
        using var giveUp = new CancellationTokenSource();

        var draining = queue.DrainAsync(giveUp.Token);
        Assert.That(draining.IsCompleted, Is.False);
        await giveUp.CancelAsync();
        await draining;
    }

    [Test, CancelAfter(10_000)]
    public async Task Children_of_one_key_run_one_after_the_other_beside_those_of_other_keys(CancellationToken cancellation)
    {
        var queue = new ChildQueue(3, 1_000, RunAsync);
        queue.Add(Message(1, "a"));
        queue.Add(Message(2, "a"));
        queue.Add(Message(3, "b"));
        queue.Add(Message(4, "a"));
        queue.Add(Message(5, "b"));

        await _start.WaitAsync(cancellation);
        await _start.WaitAsync(cancellation);
        Assert.That(Started(), Is.EquivalentTo([1, 3]));
        End(Started().IndexOf(3), succeeded: true);
        await _start.WaitAsync(cancellation);
        Assert.That(Started(), Is.EquivalentTo([1, 3, 5]));
        End(Started().IndexOf(1), succeeded: true);
        await _start.WaitAsync(cancellation);
        Assert.That(Started()[^1], Is.EqualTo(2));
        End(Started().IndexOf(2), succeeded: true);
        await _start.WaitAsync(cancellation);
        Assert.That(Started()[^1], Is.EqualTo(4));
        End(Started().IndexOf(4), succeeded: true);
        End(Started().IndexOf(5), succeeded: true);
        await queue.DrainAsync(cancellation);
    }

    [Test, CancelAfter(10_000)]
    public async Task What_is_discarded_reaches_no_child(CancellationToken cancellation)
    {
        var queue = new ChildQueue(1, 1_000, RunAsync);
        for (var number = 1; number <= 4; number++)
        {
            queue.Add(Message(number, number % 2 == 0 ? "even" : null));
        }
        await _start.WaitAsync(cancellation);

        var discarded = queue.Discard(handOver => handOver.Json[0] != 3);
        End(0, succeeded: true);
        await _start.WaitAsync(cancellation);
        End(1, succeeded: true);
        await queue.DrainAsync(cancellation);

        Assert.That((discarded, queue.WaitingMessages), Is.EqualTo((2, 0)));
        Assert.That(Started(), Is.EqualTo([1, 3]));
    }

    private static HandOver Message(int number, string? key = null) => new([(byte)number], new MessagePlace[1], IsBatch: false, key);

    private Task<bool> RunAsync(HandOver handOver)
    {
        var end = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_started)
        {
            _started.Add((handOver, end));
        }
        _start.Release();
        return end.Task;
    }

    private List<int> Started()
    {
        lock (_started)
        {
            return [.. _started.Select(child => (int)child.HandOver.Json[0])];
        }
    }

    private void End(int index, bool succeeded)
    {
        lock (_started)
        {
            _started[index].End.SetResult(succeeded);
        }
    }
}
