using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Two whole brokers in this process that share a Redis.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly Func<BrokerOptions, BrokerOptions> _change;

    private TwoNodes(RedisDatabase database, Func<BrokerOptions, BrokerOptions> change) => (Database, _change) = (database, change);

    public RunningBroker Here { get; private set; } = null!;

    public RunningBroker There { get; private set; } = null!;

    public RunningBroker[] Both => [Here, There];

    public RedisDatabase Database { get; }

    /// <param name="change">As in <see cref="RunningBroker.StartAsync"/>, for both.</param>
    public static async Task<TwoNodes> StartAsync(Func<BrokerOptions, BrokerOptions>? change = null)
    {
        var nodes = new TwoNodes(RedisDatabase.Take(), change ?? (options => options));
        nodes.Here = await nodes.StartAnotherAsync();
        nodes.There = await nodes.StartAnotherAsync();
        return nodes;
    }

    /// <summary>Starts another broker on the same Redis; the caller disposes of it.</summary>
    public Task<RunningBroker> StartAnotherAsync() =>
        RunningBroker.StartAsync(options => _change(options) with { Identity = new() { JwtSecret = TestToken.Secret }, State = new() { Redis = [Database.Address] } });

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        await There.DisposeAsync();
        await Database.DisposeAsync();
        Assert.That(Here.Errors.Concat(There.Errors), Is.Empty, "A client must not be able to cause what is logged as the broker's own fault.");
    }
}
