using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.State.Redis;

/// <summary>Cached answers complete synchronously and allocate nothing.</summary>
internal sealed class RedisAllocationTests : IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task Answers_from_memory_allocate_nothing()
    {
        await using var store = await _database.OpenStoreAsync(feed: new ManualChangeFeed());
        var (open, locked, bob) = (TestChannel.Named("agent.alice.open"), TestChannel.Named("agent.alice.locked"), Principal.Of("bob"));
        await store.LockAsync(locked);
        await store.SetKeyHashAsync("bob", "aaaa");
        await store.SetAdvertisementAsync(new(open, "text", null, 1));
        await store.GetAccessAsync(open, bob);
        await store.GetAccessAsync(locked, bob);
        await store.GetKeyHashAsync("bob");
        await store.GetAdvertisementAsync(open);

        var bytes = Allocations.PerCall(() =>
        {
            TakeNow(store.GetAccessAsync(open, bob));
            TakeNow(store.GetAccessAsync(locked, bob));
            TakeNow(store.GetKeyHashAsync("bob"));
            TakeNow(store.GetAdvertisementAsync(open));
        });

        Assert.That(bytes, Is.Zero);
    }

    private static T TakeNow<T>(ValueTask<T> answer) =>
        answer.IsCompletedSuccessfully ? answer.Result : throw new InvalidOperationException("The answer had to be awaited.");
}
