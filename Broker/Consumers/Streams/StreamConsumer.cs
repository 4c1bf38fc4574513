using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Consumers.Streams;

/// <summary>Reads streams of Redis as one consumer of a group: each stream has a connection of its own, because its reads wait on the server.</summary>
internal sealed class StreamConsumer(RedisStreamOptions options, ConsumerWork work, Guid node, ILoggerFactory loggers) : IConsumer
{
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(options.Streams.Select(stream => RunAsync(stream, cancellation)));

    private Task RunAsync(string stream, CancellationToken cancellation)
    {
        var reader = new StreamReader(options, work, stream, node.ToString("D", CultureInfo.InvariantCulture));
        return work.KeepRunningAsync((onAnswer, stop) => ReadAsync(reader, onAnswer, stop), cancellation);
    }

    private async Task ReadAsync(StreamReader reader, Action onAnswer, CancellationToken cancellation)
    {
        var address = options.Server;
        await using var connection = await RedisConnection.OpenAsync(address, RedisLocators.Of(address, loggers.CreateLogger<StreamConsumer>()));
        await reader.RunAsync(connection, onAnswer, cancellation);
    }
}
