using ClawEvents.Broker.Tests.Support;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests;

/// <summary>One redis-server for all tests that do no harm to it; each takes a database of its own.</summary>
[SetUpFixture]
internal sealed class SharedRedis
{
    private static readonly Lazy<(RunningRedis Server, ConnectionMultiplexer Connection)> Started = new(() => StartAsync().GetAwaiter().GetResult());

    private static int _databases = -1;

    /// <summary>Started when it is first asked for.</summary>
    public static RunningRedis Server => Started.Value.Server;

    public static ConnectionMultiplexer Connection => Started.Value.Connection;

    /// <summary>The number of a database that nobody else has.</summary>
    public static int NextDatabase() => Interlocked.Increment(ref _databases) % RunningRedis.Databases;

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (Started.IsValueCreated)
        {
            Connection.Dispose();
            await Server.DisposeAsync();
        }
    }

    private static async Task<(RunningRedis Server, ConnectionMultiplexer Connection)> StartAsync()
    {
        var server = await RunningRedis.StartAsync();
        return (server, await server.ConnectAsync());
    }
}
