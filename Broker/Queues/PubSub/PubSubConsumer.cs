using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Queues.PubSub.Messages;

namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>Reads subscriptions of Google Pub/Sub. They share a connection, and each has a stream of its own.</summary>
internal sealed class PubSubConsumer(PubSubOptions options, ConsumerWork work) : IConsumer
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var server = PubSubServer.Open(options);
        var client = new Subscriber.SubscriberClient(server);
        await Task.WhenAll(options.Subscriptions.Select(one => work.KeepRunningAsync(new PubSubSession(client, options, work, one).RunAsync, cancellation)));
    }
}
