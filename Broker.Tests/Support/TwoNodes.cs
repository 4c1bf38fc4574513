namespace ClawEvents.Broker.Tests.Support;

/// <summary>Two whole brokers in this process that share a Redis.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly RedisDatabase _database;

    private TwoNodes(RedisDatabase database, RunningBroker here, RunningBroker there) => (_database, Here, There) = (database, here, there);

    public RunningBroker Here { get; }

    public RunningBroker There { get; }

    public RunningBroker[] Both => [Here, There];

    public RedisDatabase Database => _database;

    /// <param name="change">As in <see cref="RunningBroker.StartAsync"/>, for both.</param>
    public static async Task<TwoNodes> StartAsync(Func<BrokerOptions, BrokerOptions>? change = null)
    {
        var database = RedisDatabase.Take();
        BrokerOptions Share(BrokerOptions options) =>
            (change?.Invoke(options) ?? options) with { JwtSecret = TestToken.Secret, Redis = [database.Address] };

        return new(database, await RunningBroker.StartAsync(Share), await RunningBroker.StartAsync(Share));
    }

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        await There.DisposeAsync();
        await _database.DisposeAsync();
        Assert.That(Here.Errors.Concat(There.Errors), Is.Empty);
    }
}
