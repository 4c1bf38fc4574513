using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Transports;

/// <summary>Takes what a client said to the node that holds its session, which hands it to <see cref="EmulatedSessions.HandleAsync"/> there.</summary>
internal interface IEmulationRelay
{
    /// <param name="request">Names another node than this one. Its memory is not used after the task has completed.</param>
    /// <returns>False when there is no such node. True says nothing of the session.</returns>
    ValueTask<bool> TryRelayAsync(EmulationRequest request);
}

/// <summary>There are no other nodes.</summary>
internal sealed class NoRelay : IEmulationRelay
{
    public ValueTask<bool> TryRelayAsync(EmulationRequest request) => new(false);
}
