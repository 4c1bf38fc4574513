using System.Collections.Concurrent;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Nodes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NodeWorkTests : IAsyncDisposable
{
    private readonly RunningLog _log = new();
    private readonly NodeWork _work;
    private readonly ConcurrentQueue<string> _done = new();

    public NodeWorkTests()
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _work = new NodeWork(loggers.CreateLogger<NodeWork>());
    }

    public async ValueTask DisposeAsync()
    {
        await _work.DisposeAsync();
        _log.Dispose();
    }

    [Test]
    public async Task Requests_about_one_user_run_in_order_even_when_one_has_to_wait()
    {
        var gate = new TaskCompletionSource();
        _work.Add("alice", async () =>
        {
            await gate.Task;
            _done.Enqueue("first");
        });
        _work.Add("alice", () => Do("second"));
        _work.AddQuestion(() => Do("question"));

        await Eventually.IsTrueAsync(() => _done.Count == 1);
        var before = _done.ToArray();
        gate.SetResult();
        await Eventually.IsTrueAsync(() => _done.Count == 3);

        Assert.That(before, Is.EqualTo(new[] { "question" }), "Questions do not wait for users.");
        Assert.That(_done.Skip(1), Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task A_failed_request_is_logged_and_later_ones_run()
    {
        _work.Add("alice", () => throw new StoreUnavailableException("Redis is away"));
        _work.Add("alice", () => throw new InvalidOperationException("a bug"));
        _work.Add("alice", () => Do("third"));

        await Eventually.IsTrueAsync(() => _done.Count == 1);
        Assert.That(_log.Warnings.Single(), Does.Contain("Redis is away"));
        Assert.That(_log.Errors.Single(), Does.Contain("failed"));
    }

    [Test]
    public async Task A_full_queue_drops_requests_and_logs_it()
    {
        var gate = new TaskCompletionSource();
        var isBegun = new TaskCompletionSource();
        _work.Add("alice", async () =>
        {
            isBegun.SetResult();
            await gate.Task;
        });
        await isBegun.Task.WaitAsync(RunningBroker.Patience);
        for (var i = 0; i < NodeWork.MaxQueued; i++)
        {
            _work.Add("alice", () => Do("waited"));
        }

        Assert.That(_log.Errors, Is.Empty);
        _work.Add("alice", () => Do("too many"));
        gate.SetResult();

        Assert.That(_log.Errors, Has.Count.EqualTo(1));
        await Eventually.IsTrueAsync(() => _done.Count == NodeWork.MaxQueued);
        Assert.That(_done, Does.Not.Contain("too many"));
    }

    [Test]
    public async Task After_disposal_no_request_is_started()
    {
        var gate = new TaskCompletionSource();
        var isBegun = new TaskCompletionSource();
        _work.Add("alice", async () =>
        {
            isBegun.SetResult();
            await gate.Task;
            _done.Enqueue("first");
        });
        _work.Add("alice", () => Do("second"));
        await isBegun.Task.WaitAsync(RunningBroker.Patience);

        var end = _work.DisposeAsync().AsTask();
        gate.SetResult();
        await end.WaitAsync(RunningBroker.Patience);

        Assert.That(_done, Is.EqualTo(new[] { "first" }));
    }

    private ValueTask Do(string what)
    {
        _done.Enqueue(what);
        return ValueTask.CompletedTask;
    }
}
