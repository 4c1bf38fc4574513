using System.IO.Pipelines;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Transports;

/// <summary>The outbound queue of a connection whose transport is a response: its end ends the response.</summary>
internal sealed class StreamOutbound : PipeOutbound
{
    private readonly StreamLifetime _lifetime;

    /// <param name="isHeld">The response has not begun: everything waits until <see cref="PipeOutbound.Release"/>.</param>
    public StreamOutbound(PipeWriter output, int maxWaitingBytes, StreamLifetime lifetime, bool isHeld)
        : base(output, maxWaitingBytes)
    {
        _lifetime = lifetime;
        if (isHeld)
        {
            Hold();
        }
    }

    /// <inheritdoc/>
    protected override void OnLastSent() => _lifetime.End();
}
