using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Transports;

/// <summary>Sends a client's commands to the node that holds its session, which calls <see cref="EmulatedSessions.HandleAsync"/>.</summary>
internal interface IEmulationRelay
{
    /// <param name="request">For another node than this one. Its memory is not used after the task has completed.</param>
    /// <returns>False when there is no such node. True does not mean that the session exists.</returns>
    ValueTask<bool> TryRelayAsync(EmulationRequest request);
}

/// <summary>There are no other nodes.</summary>
internal sealed class NoRelay : IEmulationRelay
{
    public ValueTask<bool> TryRelayAsync(EmulationRequest request) => new(false);
}
