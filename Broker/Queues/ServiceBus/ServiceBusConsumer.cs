using Azure.Messaging.ServiceBus;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Queues.ServiceBus;

/// <summary>Reads queues of an Azure Service Bus: each by receivers that ask for some messages, and ask again when they are done. They share a connection.</summary>
internal sealed class ServiceBusConsumer(ServiceBusOptions options, ConsumerWork work) : IConsumer
{
    // The first answer comes soon, though the queue is empty: it shows that the server is there.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    // A session that is empty for so long makes room for another one.
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(1);

    // An address that cannot be read is a fault of each attempt.
    private readonly Lazy<ServiceBusClient> _client = new(() => ServiceBusServer.Open(options.Access), LazyThreadSafetyMode.PublicationOnly);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(
            from queue in options.Queues
            from receiver in Enumerable.Range(0, options.Receivers)
            select work.KeepRunningAsync((onAnswer, stop) => options.HasSessions ? ReadSessionsAsync(queue, onAnswer, stop) : ReadAsync(queue, onAnswer, stop), cancellation));
        if (_client.IsValueCreated)
        {
            await _client.Value.DisposeAsync();
        }
    }

    private async Task ReadAsync(string queue, Action onAnswer, CancellationToken cancellation)
    {
        await using var receiver = _client.Value.CreateReceiver(queue);
        var wait = FirstWait;
        while (true)
        {
            var messages = await receiver.ReceiveMessagesAsync(options.MaxMessages, wait, cancellation);
            onAnswer();
            wait = Wait;
            await new ServiceBusBatch(receiver, work, messages).RunAsync(cancellation);
        }
    }

    private async Task ReadSessionsAsync(string queue, Action onAnswer, CancellationToken cancellation)
    {
        while (true)
        {
            await using var session = await AcceptAsync(queue, cancellation);
            onAnswer();
            if (session is not null)
            {
                await ReadSessionAsync(session, cancellation);
            }
        }
    }

    // Null: no session has messages.
    private async Task<ServiceBusSessionReceiver?> AcceptAsync(string queue, CancellationToken cancellation)
    {
        try
        {
            return await _client.Value.AcceptNextSessionAsync(queue, cancellationToken: cancellation);
        }
        catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.ServiceTimeout)
        {
            return null;
        }
    }

    private async Task ReadSessionAsync(ServiceBusSessionReceiver session, CancellationToken cancellation)
    {
        while (await session.ReceiveMessagesAsync(options.MaxMessages, SessionWait, cancellation) is { Count: > 0 } messages)
        {
            await new ServiceBusBatch(session, work, messages).RunAsync(cancellation);
        }
    }
}
