using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Queues.PubSub.Messages;

namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>Reads one subscription, by one stream after the other: the service ends each of them from time to time.</summary>
internal sealed class PubSubSession(Subscriber.SubscriberClient client, PubSubOptions options, ConsumerWork work, string subscription)
{
    public async Task RunAsync(Action onAnswer, CancellationToken cancellation)
    {
        while (true)
        {
            var stream = new PubSubStream(client, options, work, subscription, onAnswer);
            try
            {
                await stream.RunAsync(cancellation);
            }
            catch (IOException) when (stream.HasWorked && !cancellation.IsCancellationRequested)
            {
                // The next one shows whether the server is away.
            }
        }
    }
}
