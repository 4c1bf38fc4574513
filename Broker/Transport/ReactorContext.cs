namespace ClawEvents.Broker.Transport;

/// <summary>Brings what was awaited on a reactor's thread back to it, through the mailbox: what a connection waits for changes nothing of it on another thread.</summary>
internal sealed class ReactorContext(Reactor reactor) : SynchronizationContext
{
    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => reactor.Post(() => d(state));

    /// <summary>Not for a reactor: the caller would have to wait.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("a reactor is never waited for: use Post");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;
}
