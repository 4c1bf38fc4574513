using Azure.Messaging.ServiceBus;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Queues.ServiceBus;

/// <summary>The messages of one answer: they are carried out one after the other, and completed.</summary>
/// <remarks>
/// DESIGN. A message that fails for now keeps its place, and the locks of all that is not completed are renewed until then: nothing of it counts as a delivery that
/// failed, of which the service allows only some. Only a stop gives the rest back.
/// </remarks>
internal sealed class ServiceBusBatch(ServiceBusReceiver receiver, ConsumerWork work, IReadOnlyList<ServiceBusReceivedMessage> messages)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(20);

    private readonly Leases<ServiceBusReceivedMessage> _leases = new(work.Time);

    // Of a third of the time that is left, so that one renewal may fail.
    private TimeSpan Interval
    {
        get
        {
            var end = receiver is ServiceBusSessionReceiver session ? session.SessionLockedUntil : messages.Min(message => message.LockedUntil);
            var third = (end - work.Time.GetUtcNow()) / 3;
            return third < ShortestInterval ? ShortestInterval : third > LongestInterval ? LongestInterval : third;
        }
    }

    /// <exception cref="ServiceBusException">The server is away, or a lock is lost.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (messages.Count == 0)
        {
            return;
        }

        foreach (var message in messages)
        {
            _leases.Hold(message);
        }

        try
        {
            await Together.RunAsync(cancellation, HandleAsync, stop => _leases.KeepAsync(Interval, RenewAsync, stop));
        }
        finally
        {
            await GiveBackAsync();
        }
    }

    private async Task HandleAsync(CancellationToken stop)
    {
        foreach (var message in messages)
        {
            stop.ThrowIfCancellationRequested();
            await work.HandleAsync(Read(message), stop);

            // Not cancelled: what is done should not be done again after the next start. Its lock is not renewed any more before it is gone.
            _leases.Release(message);
            await receiver.CompleteMessageAsync(message, CancellationToken.None);
        }
    }

    private QueuedMessage Read(ServiceBusReceivedMessage message)
    {
        var properties = message.ApplicationProperties.Where(one => one.Value is string).ToDictionary(one => one.Key, one => (string)one.Value, StringComparer.Ordinal);
        return new($"{receiver.EntityPath} {message.SequenceNumber}", properties, message.Body.ToMemory());
    }

    // One that was completed in the meantime has no lock any more.
    private async Task RenewAsync(ICollection<ServiceBusReceivedMessage> held)
    {
        if (receiver is ServiceBusSessionReceiver session)
        {
            await session.RenewSessionLockAsync();
            return;
        }

        foreach (var message in held)
        {
            try
            {
                await receiver.RenewMessageLockAsync(message);
            }
            catch (ServiceBusException) when (!_leases.Held.Contains(message))
            {
                // It is done.
            }
        }
    }

    private async Task GiveBackAsync()
    {
        try
        {
            foreach (var message in _leases.Held)
            {
                await receiver.AbandonMessageAsync(message);
            }
        }
        catch (ServiceBusException)
        {
            // The server is away, or the locks are lost: it gives the messages out again by itself.
        }
    }
}
