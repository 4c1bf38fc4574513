using System.Globalization;
using ClawEvents.Broker.Configuration;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace ClawEvents.Broker.Consumers.JetStream;

/// <summary>Reads a stream of NATS JetStream by a durable consumer, which the server shares among the nodes.</summary>
/// <remarks>
/// A message is acknowledged after its command. One that failed for now is tried again here, so that the messages after it wait; the server is told that it is in
/// work, and gives it to no other node.
/// </remarks>
internal sealed class JetStreamConsumer(JetStreamOptions options, ConsumerWork work) : IConsumer
{
    // Fetched and not handled yet: that much is in memory.
    private const int MaxFetched = 100;

    private static readonly TimeSpan AckWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(30);

    public Task RunAsync(CancellationToken cancellation) => work.KeepRunningAsync(RunSessionAsync, cancellation);

    private async Task RunSessionAsync(Action onAnswer, CancellationToken cancellation)
    {
        await using var connection = new NatsConnection(JetStreamServer.Of(options));
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        connection.ConnectionDisconnected += (_, _) =>
        {
            lost.CancelAsync();
            return ValueTask.CompletedTask;
        };
        await connection.ConnectAsync();
        var consumer = await FindAsync(new NatsJSContext(connection), cancellation);
        onAnswer();
        var fetching = new NatsJSConsumeOpts { MaxMsgs = Math.Min(MaxFetched, options.MaxAckPending), IdleHeartbeat = Heartbeat, Expires = FetchTime, NotificationHandler = OnNotification };
        await foreach (var message in consumer.ConsumeAsync(NatsRawSerializer<byte[]>.Default, fetching, lost.Token))
        {
            await HandleAsync(message, lost.Token);
        }

        cancellation.ThrowIfCancellationRequested();
        throw new IOException("the connection to the server was lost, or the durable consumer was deleted");

        Task OnNotification(INatsJSNotification notification, CancellationToken stop) =>
            notification is NatsJSTimeoutNotification ? lost.CancelAsync() : Task.CompletedTask;
    }

    private async Task<INatsJSConsumer> FindAsync(NatsJSContext server, CancellationToken cancellation)
    {
        if (options.UsesExisting)
        {
            return await server.GetConsumerAsync(options.Stream, options.Durable, cancellation);
        }

        var config = new ConsumerConfig(options.Durable)
        {
            DeliverPolicy = options.DeliversAll ? ConsumerConfigDeliverPolicy.All : ConsumerConfigDeliverPolicy.New,
            AckPolicy = ConsumerConfigAckPolicy.Explicit,
            AckWait = AckWait,
            MaxAckPending = options.MaxAckPending,
            FilterSubject = options.Subjects is [var subject] ? subject : null,
            FilterSubjects = options.Subjects.Count > 1 ? [.. options.Subjects] : null,
        };
        var consumer = await server.CreateOrUpdateConsumerAsync(options.Stream, config, cancellation);

        // A server before 2.10 ignores several subjects, and would deliver all.
        return options.Subjects.Count <= 1 || consumer.Info.Config.FilterSubjects?.Count == options.Subjects.Count
            ? consumer
            : throw new NotSupportedException("the server is too old for several subjects: they need NATS 2.10");
    }

    private async Task HandleAsync(INatsJSMsg<byte[]> message, CancellationToken cancellation)
    {
        var sequence = message.Metadata?.Sequence.Stream ?? 0;
        var headers = message.Headers?.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.Ordinal) ?? [];
        work.Lag = (long)(message.Metadata?.NumPending ?? 0);
        var place = string.Create(CultureInfo.InvariantCulture, $"{message.Subject} {sequence}");
        await work.HandleAsync(new(place, headers, message.Data ?? []), () => message.AckProgressAsync(cancellationToken: cancellation), cancellation);

        // Not cancelled: what is done should not be done again after the next start.
        await message.AckAsync(cancellationToken: CancellationToken.None);
    }
}
