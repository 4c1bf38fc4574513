using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Revocations;

/// <summary>Ends live connections whose token no longer counts: another key has replaced theirs, or their principal has revoked its tokens.</summary>
/// <remarks>Thread-safe. Connections of the same principal with a token that still counts stay.</remarks>
internal sealed class ConnectionSweeper(IStateStore store, OpenConnections connections)
{
    /// <remarks>Call it after the change is in the store: later connections are checked when they connect.</remarks>
    /// <param name="principal">Not empty.</param>
    /// <exception cref="Faults.StoreUnavailableException">The connections were not checked.</exception>
    public async ValueTask SweepAsync(string principal)
    {
        var open = connections.OfUser(principal);
        if (open.Count == 0)
        {
            return;
        }

        var (live, revokedUntil) = (await store.GetKeyHashAsync(principal), await store.GetRevokedUntilAsync(principal));
        foreach (var connection in open.Where(connection => connection.Principal.Token.IsEnded(live, revokedUntil)))
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
    }

    /// <summary>Ends all connections with a token of the principal, because the store does not say which of them still count.</summary>
    public void EndUnchecked(string principal)
    {
        foreach (var connection in connections.OfUser(principal).Where(connection => connection.Principal.Token != TokenStamp.None))
        {
            connection.Disconnect(DisconnectCode.InsufficientState);
        }
    }
}
