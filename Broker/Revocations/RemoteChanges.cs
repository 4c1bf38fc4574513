using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Revocations;

/// <summary>Does here what the doors of another node, the old API or an operator have caused by changing the shared store.</summary>
/// <remarks>
/// Who lost the right to listen to a channel is removed from it; connections of a principal whose key stopped working end. What this node's own doors
/// change is heard as well, and done a second time to no effect. Thread-safe.
/// </remarks>
internal sealed class RemoteChanges : IHostedService, IDisposable
{
    /// <summary>How often everything is asked about again while changes could be missed: a Redis that does not tell of them never will.</summary>
    public static readonly TimeSpan DeafInterval = TimeSpan.FromSeconds(5);

    private readonly IStateStore _store;
    private readonly IHearingStore? _hearing;
    private readonly SubscriptionSweeper _sweeper;
    private readonly OpenConnections _connections;
    private readonly PendingChecks<KeyChange> _keys;
    private readonly TimeProvider _time;
    private ITimer? _deaf;

    /// <param name="store">One that nobody else changes has nothing to tell.</param>
    /// <param name="sweeper">For locks and grants.</param>
    /// <param name="connections">For keys.</param>
    /// <param name="time">For checks that have to wait for the store.</param>
    /// <param name="logger">Is told of those that cannot be made.</param>
    public RemoteChanges(IStateStore store, SubscriptionSweeper sweeper, OpenConnections connections, TimeProvider time, ILogger<RemoteChanges> logger)
    {
        _store = store;
        _hearing = store as IHearingStore;
        _sweeper = sweeper;
        _connections = connections;
        _time = time;
        _keys = new(CheckKeyAsync, time, logger);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_hearing is not null)
        {
            _hearing.Heard += Take;
            _deaf = _time.CreateTimer(_ => CheckWhileDeaf(), null, DeafInterval, DeafInterval);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (_hearing is not null)
        {
            _hearing.Heard -= Take;
            _deaf?.Dispose();
        }

        return Task.CompletedTask;
    }

    /// <summary>Asks about everything again, in the background: changes may have been missed.</summary>
    /// <returns>Complete when the store has answered, however long it is away; never fails. Does not wait.</returns>
    /// <remarks>
    /// A key is asked for when it is known which one was live before. Of others it is not known whether anybody connected with a key at all, or with
    /// another token, which is nobody's business here.
    /// </remarks>
    public Task CheckAllAsync()
    {
        var users = _hearing is null ? [] : _connections.All().Select(connection => connection.Principal.Name).Distinct(StringComparer.Ordinal);
        var known = users.Select(user => new KeyChange(user, _hearing!.PeekKeyHash(user))).Where(key => key.KnownHash is not null);
        return Task.WhenAll([_sweeper.SweepAllAsync(), .. known.Select(_keys.RunAsync)]);
    }

    public void Dispose()
    {
        _deaf?.Dispose();
        _keys.Dispose();
    }

    private void CheckWhileDeaf()
    {
        if (_hearing is { HearsAll: false })
        {
            _ = CheckAllAsync();
        }
    }

    // On the connection's thread.
    private void Take(HeardChange change)
    {
        if (change.Kind is HeardKind.Lock or HeardKind.Grants)
        {
            _ = _sweeper.SweepSoonAsync(change.Channel!);
        }
        else if (change.Kind is HeardKind.KeyHash && _connections.CountOfUser(change.Principal) > 0)
        {
            _ = _keys.RunAsync(new(change.Principal, change.KnownHash));
        }
    }

    // As at the doors: an app's new key ends what the old one opened; an agent's new login does not, but the end of its key does. A key that is as it
    // was is no change: Redis does not say in which database a key has changed.
    private async ValueTask CheckKeyAsync(KeyChange change)
    {
        var live = await _store.GetKeyHashAsync(change.Principal);
        if (live is null || (change.KnownHash is { } known && known != live && Principal.Of(change.Principal).IsApp))
        {
            _connections.EndAfterKeyChange(change.Principal);
        }
    }

    /// <param name="Principal">Not empty.</param>
    /// <param name="KnownHash">Before the change; null when it is not known.</param>
    private readonly record struct KeyChange(string Principal, string? KnownHash)
    {
        /// <summary>For logs, without the hash.</summary>
        public override string ToString() => $"the key of {Principal}";
    }
}
