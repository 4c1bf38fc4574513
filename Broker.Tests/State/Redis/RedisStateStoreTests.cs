using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.State.Redis;

internal sealed class RedisStateStoreTests : StateStoreContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) => _database.OpenStoreAsync(time).GetAwaiter().GetResult();
}

internal sealed class RedisStateStoreRateTests : StateStoreRateContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) =>
        RedisOnManualClock.Create(_database.OpenStoreAsync(time).GetAwaiter().GetResult(), _database.Keys, time);
}

internal sealed class RedisStateStoreSignatureTests : StateStoreSignatureContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) =>
        RedisOnManualClock.Create(_database.OpenStoreAsync(time).GetAwaiter().GetResult(), _database.Keys, time);
}

internal sealed class RedisStateStoreChallengeTests : StateStoreChallengeContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) =>
        RedisOnManualClock.Create(_database.OpenStoreAsync(time).GetAwaiter().GetResult(), _database.Keys, time);
}

internal sealed class RedisStateStoreAdvertisementTests : StateStoreAdvertisementContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) => _database.OpenStoreAsync(time).GetAwaiter().GetResult();
}

internal sealed class RedisStateStoreAppTests : StateStoreAppContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) => _database.OpenStoreAsync(time).GetAwaiter().GetResult();
}

internal sealed class RedisStateStoreActivityTests : StateStoreActivityContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) => _database.OpenStoreAsync(time).GetAwaiter().GetResult();
}

internal sealed class RedisStateStoreWebhookTests : StateStoreWebhookContract, IAsyncDisposable
{
    private readonly RedisDatabase _database = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override IStateStore Create(TimeProvider time) => _database.OpenStoreAsync(time).GetAwaiter().GetResult();
}
