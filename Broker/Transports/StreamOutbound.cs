using System.IO.Pipelines;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Transports;

/// <summary>The outbound queue of a connection whose transport is a response: its end ends the response.</summary>
internal sealed class StreamOutbound(PipeWriter output, int maxWaitingBytes, StreamLifetime lifetime) : PipeOutbound(output, maxWaitingBytes)
{
    /// <inheritdoc/>
    protected override void OnLastSent() => lifetime.End();
}
