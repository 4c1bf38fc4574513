using System.Runtime.InteropServices;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Engine;

/// <summary>The clients in one channel. Removed from the table when it is empty.</summary>
/// <remarks>
/// Thread-safe. <see cref="_checkAt"/> is never later than the first entry's end, so nothing is searched for expired ones before, and saying
/// again that a client is there costs no search. Users are counted along, so that the numbers of a full channel cost nothing.
/// </remarks>
internal sealed class ChannelPresence(ChannelName channel, ChannelTable<ChannelPresence> home, TimeProvider time, TimerWheel wheel) : TimerNode
{
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<Guid, (ClientInfo Client, TimeSpan Due)> _clients = [];
    private readonly Dictionary<string, int> _users = [];
    private TimeSpan _checkAt = TimeSpan.MaxValue;
    private bool _isGone;

    /// <returns>False when this has left the table.</returns>
    public bool TryAdd(ClientInfo client, TimeSpan ttl)
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return false;
            }

            var due = time.GetElapsedTime(_start) + ttl;
            Forget(client.Client);
            _clients.Add(client.Client, (client, due));
            CollectionsMarshal.GetValueRefOrAddDefault(_users, client.User, out _)++;
            CheckAt(due);
            return true;
        }
    }

    public void Remove(Guid client)
    {
        lock (_gate)
        {
            Forget(client);
            LeaveIfEmpty();
        }
    }

    public IReadOnlyList<ClientInfo> GetClients()
    {
        lock (_gate)
        {
            ForgetDue();
            return [.. _clients.Values.Select(entry => entry.Client)];
        }
    }

    public PresenceStats GetStats()
    {
        lock (_gate)
        {
            ForgetDue();
            return new(_clients.Count, _users.Count);
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        lock (_gate)
        {
            ForgetDue();
            LeaveIfEmpty();
        }
    }

    private void CheckAt(TimeSpan due)
    {
        if (due < _checkAt)
        {
            _checkAt = due;
            wheel.Schedule(this, due - time.GetElapsedTime(_start));
        }
    }

    private void ForgetDue()
    {
        var now = time.GetElapsedTime(_start);
        if (now < _checkAt)
        {
            return;
        }

        var next = TimeSpan.MaxValue;
        foreach (var (client, entry) in _clients)
        {
            if (entry.Due <= now)
            {
                Forget(client);
            }
            else
            {
                next = entry.Due < next ? entry.Due : next;
            }
        }

        _checkAt = TimeSpan.MaxValue;
        CheckAt(next);
    }

    private void Forget(Guid client)
    {
        if (_clients.Remove(client, out var entry) && --CollectionsMarshal.GetValueRefOrNullRef(_users, entry.Client.User) == 0)
        {
            _users.Remove(entry.Client.User);
        }
    }

    private void LeaveIfEmpty()
    {
        if (_clients.Count == 0)
        {
            _isGone = true;
            wheel.Cancel(this);
            home.Remove(channel, this);
        }
    }
}
