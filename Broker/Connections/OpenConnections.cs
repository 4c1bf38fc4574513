using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Connections;

/// <summary>The open connections of this node. Thread-safe.</summary>
/// <remarks>
/// An index finds the connections of a user. Most connections are anonymous and not in it: they are found by a walk over the timer wheel, and cost
/// no memory here.
/// </remarks>
internal sealed class OpenConnections(TimerWheel wheel)
{
    private readonly Lock _gate = new();

    // A connection; or a set, for users with several. Under the gate.
    private readonly Dictionary<string, object> _byUser = new(StringComparer.Ordinal);

    /// <summary>A snapshot: some may be closing by the time the caller uses them.</summary>
    public IReadOnlyList<ClientConnection> All() =>
        [.. wheel.Snapshot().OfType<ClientConnection>().Where(connection => connection.Phase is ConnectionPhase.Connected)];

    /// <param name="user">Empty: all anonymous connections.</param>
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

    /// <summary>Finds a connection by the id in its connect reply, by a walk over all.</summary>
    public ClientConnection? Find(Guid client) => All().FirstOrDefault(connection => connection.Id == client);

    /// <summary>Adds a connection to the index before it has connected, unless its user has too many. Anonymous connections are not counted.</summary>
    /// <param name="connection">An identified one. The caller removes it when it is not allowed to connect.</param>
    /// <param name="limit">The most connections that a user may have to this node; 0: any number.</param>
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

    /// <summary>Called by a connection when it closes, also when it had not connected.</summary>
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
