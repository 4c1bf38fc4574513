using System.Globalization;
using ClawEvents.Broker.Configuration;
using Npgsql;

namespace ClawEvents.Broker.Consumers.Outbox;

/// <summary>Reads an outbox of PostgreSQL: each partition in order, and all of them in parallel.</summary>
/// <remarks>
/// DESIGN. A transaction locks the partition by an advisory lock, reads rows, carries out their commands one after the other, and deletes those that are done.
/// So one node at a time handles a partition, a row is deleted only after its command, and a node that dies in between gives all of them back: a command may be
/// carried out twice, but never lost. The lock is the one that a Centrifugo takes for a consumer of the same name: both can read one outbox.
/// </remarks>
internal sealed class OutboxConsumer(OutboxOptions options, ConsumerWork work) : IConsumer
{
    // Transactions at the same time: PostgreSQL has few connections by default, and other nodes need some.
    private const int MaxConnections = 16;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var source = OutboxServer.Open(options.Server, options.Tls, Math.Min(options.Partitions, MaxConnections));
        OutboxPartition[] partitions = [.. Enumerable.Range(0, options.Partitions).Select(number => new OutboxPartition(options, work, source, number))];
        try
        {
            var readers = partitions.Select(partition => work.KeepRunningAsync(partition.RunAsync, cancellation));
            await Task.WhenAll(options.NotificationChannel is { } channel ? readers.Append(ListenAsync(channel, partitions, cancellation)) : readers);
        }
        finally
        {
            Array.ForEach(partitions, partition => partition.Dispose());
        }
    }

    private async Task ListenAsync(string channel, OutboxPartition[] partitions, CancellationToken cancellation)
    {
        await using var source = OutboxServer.Open(options.NotificationServer ?? options.Server, options.Tls, connections: 1);
        await work.KeepRunningAsync((onAnswer, stop) => ListenAsync(source, channel, payload => Wake(partitions, payload), onAnswer, stop), cancellation);
    }

    private static async Task ListenAsync(NpgsqlDataSource source, string channel, Action<string> wake, Action onAnswer, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        connection.Notification += (_, notification) => wake(notification.Payload);
        await using var listen = new NpgsqlCommand($"LISTEN \"{channel.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        await listen.ExecuteNonQueryAsync(cancellation);
        onAnswer();

        // What was written before is read now, and not only at the next poll.
        wake("");
        while (!cancellation.IsCancellationRequested)
        {
            await connection.WaitAsync(cancellation);
        }
    }

    // The number of a partition. Anything else may mean any.
    private static void Wake(OutboxPartition[] partitions, string payload)
    {
        foreach (var partition in partitions)
        {
            if (!int.TryParse(payload, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == partition.Number)
            {
                partition.Wake();
            }
        }
    }
}
