using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>The connections of this node that have connected. Thread-safe.</summary>
/// <remarks>Found by a walk over all of them: what asks here is rare, and an index would cost every connection memory.</remarks>
internal sealed class OpenConnections(TimerWheel wheel)
{
    /// <summary>As they are now; some may be closing by the time they are looked at.</summary>
    public IReadOnlyList<ClientConnection> All() =>
        [.. wheel.Snapshot().OfType<ClientConnection>().Where(connection => connection.Phase is ConnectionPhase.Connected)];

    /// <summary>Ends the connections of a principal whose key stopped working. Those that hold another token that is good come back by themselves.</summary>
    public void EndAfterKeyChange(string principal)
    {
        foreach (var connection in All().Where(connection => connection.Principal.Name == principal))
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
    }
}
