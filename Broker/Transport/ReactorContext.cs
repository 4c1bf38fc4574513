namespace ClawEvents.Broker.Transport;

/// <summary>Brings what was awaited on a reactor's thread back to it, through the mailbox: what a connection waits for changes nothing of it on another thread.</summary>
internal sealed class ReactorContext(Reactor reactor) : SynchronizationContext, IReactorWork
{
    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => reactor.Post(this, new Callback(d, state));

    /// <summary>Not for a reactor: the caller would have to wait.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("a reactor is never waited for: use Post");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <inheritdoc/>
    public void Run(Reactor reactor, object? argument)
    {
        var callback = (Callback)argument!;
        callback.Method(callback.State);
    }

    private sealed record Callback(SendOrPostCallback Method, object? State);
}
