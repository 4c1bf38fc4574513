using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>The connections of this node that have connected, or are about to. Thread-safe.</summary>
/// <remarks>
/// Those with a user are found by it. Anonymous ones, which are the many, are in no index: they are found by a walk over all that wait in the
/// timer wheel, and cost no memory here.
/// </remarks>
internal sealed class OpenConnections(TimerWheel wheel)
{
    private readonly Lock _gate = new();

    // A connection; or a set, for users with several. Under the gate.
    private readonly Dictionary<string, object> _byUser = new(StringComparer.Ordinal);

    /// <summary>As they are now; some may be closing by the time they are looked at.</summary>
    public IReadOnlyList<ClientConnection> All() =>
        [.. wheel.Snapshot().OfType<ClientConnection>().Where(connection => connection.Phase is ConnectionPhase.Connected)];

    /// <param name="user">Empty: all anonymous ones.</param>
    public IReadOnlyList<ClientConnection> OfUser(string user)
    {
        if (user.Length == 0)
        {
            return [.. All().Where(connection => connection.Principal.IsAnonymous)];
        }

        return [.. Indexed(user).Where(connection => connection.Phase is ConnectionPhase.Connected)];
    }

    /// <param name="user">Not empty.</param>
    public int CountOfUser(string user)
    {
        lock (_gate)
        {
            return _byUser.GetValueOrDefault(user) switch { null => 0, HashSet<ClientConnection> several => several.Count, _ => 1 };
        }
    }

    /// <summary>Finds a connection by the id its client was told, by a walk over all.</summary>
    public ClientConnection? Find(Guid client) => All().FirstOrDefault(connection => connection.Id == client);

    /// <summary>Takes a connection into the index before it has connected, unless its user has too many. Anonymous ones may be any number.</summary>
    /// <param name="connection">It knows who it is. Whoever does not let it connect removes it.</param>
    /// <param name="limit">How many connections to this node a user may have; 0: any number.</param>
    public bool TryReserve(ClientConnection connection, int limit)
    {
        if (limit == 0 || connection.Principal.IsAnonymous)
        {
            return true;
        }

        lock (_gate)
        {
            if (CountOfUser(connection.Principal.Name) >= limit)
            {
                return false;
            }

            Add(connection);
            return true;
        }
    }

    /// <summary>Called by a connection when it has connected.</summary>
    public void Add(ClientConnection connection)
    {
        if (connection.Principal.IsAnonymous)
        {
            return;
        }

        lock (_gate)
        {
            var user = connection.Principal.Name;
            if (_byUser.TryAdd(user, connection) || _byUser[user] == connection)
            {
                return;
            }

            if (_byUser[user] is HashSet<ClientConnection> several)
            {
                several.Add(connection);
            }
            else
            {
                _byUser[user] = new HashSet<ClientConnection> { (ClientConnection)_byUser[user], connection };
            }
        }
    }

    /// <summary>Called by a connection when it closes, whether it had connected or not.</summary>
    public void Remove(ClientConnection connection)
    {
        if (connection.Principal.IsAnonymous)
        {
            return;
        }

        lock (_gate)
        {
            var user = connection.Principal.Name;
            var found = _byUser.GetValueOrDefault(user);
            if (found == connection || (found is HashSet<ClientConnection> several && several.Remove(connection) && several.Count == 0))
            {
                _byUser.Remove(user);
            }
        }
    }

    /// <summary>Ends the connections of a principal whose key stopped working. Those that hold another token that is good come back by themselves.</summary>
    public void EndAfterKeyChange(string principal)
    {
        foreach (var connection in OfUser(principal))
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
    }

    private ClientConnection[] Indexed(string user)
    {
        lock (_gate)
        {
            return _byUser.GetValueOrDefault(user) switch
            {
                ClientConnection one => [one],
                HashSet<ClientConnection> several => [.. several],
                _ => [],
            };
        }
    }
}
