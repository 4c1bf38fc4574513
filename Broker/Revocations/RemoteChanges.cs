using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Revocations;

/// <summary>Applies changes that another node, the old API or an operator made in the shared store to this node's connections.</summary>
/// <remarks>
/// Subscribers that lost the right to listen to a channel are removed from it; connections of a principal whose key was revoked are closed. When the store
/// does not say within a second what a change was, all that it may concern ends with codes on which clients come back. Changes made through this node are
/// heard as well, and applied a second time without effect. Thread-safe.
/// </remarks>
internal sealed class RemoteChanges : IHostedService, IDisposable
{
    /// <summary>How often everything is checked again while changes could be missed: some Redis servers never report them.</summary>
    public static readonly TimeSpan DeafInterval = TimeSpan.FromSeconds(5);

    private readonly IStateStore _store;
    private readonly IHearingStore? _hearing;
    private readonly SubscriptionSweeper _sweeper;
    private readonly OpenConnections _connections;
    private readonly PendingChecks<KeyChange> _changedKeys;
    private readonly PendingChecks<KeyChange> _missedKeys;
    private readonly TimeProvider _time;
    private ITimer? _deaf;

    /// <param name="store">A store that nobody else can change is not listened to.</param>
    /// <param name="sweeper">Removes subscribers after changes of locks and grants.</param>
    /// <param name="connections">Closed after changes of keys.</param>
    public RemoteChanges(IStateStore store, SubscriptionSweeper sweeper, OpenConnections connections, TimeProvider time, ILogger<RemoteChanges> logger)
    {
        _store = store;
        _hearing = store as IHearingStore;
        _sweeper = sweeper;
        _connections = connections;
        _time = time;
        _changedKeys = new(CheckKeyAsync, EndUnchecked, CheckPolicy.KnownChange, time, logger);
        _missedKeys = new(CheckKeyAsync, EndUnchecked, CheckPolicy.MissedChange, time, logger);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_hearing is not null)
        {
            _hearing.Heard += OnStoreChanged;
            _deaf = _time.CreateTimer(_ => CheckWhileDeaf(), null, DeafInterval, DeafInterval);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (_hearing is not null)
        {
            _hearing.Heard -= OnStoreChanged;
            _deaf?.Dispose();
        }

        return Task.CompletedTask;
    }

    /// <summary>Checks everything again, in the background, because changes may have been missed.</summary>
    /// <returns>Complete when the store has answered, however long it is unavailable; never fails. Does not wait.</returns>
    /// <remarks>
    /// A key is checked only when its previous hash is known. Otherwise the principal may have connected with another kind of token, which a change of
    /// its key does not affect.
    /// </remarks>
    public Task CheckAllAsync()
    {
        var users = _hearing is null ? [] : _connections.All().Select(connection => connection.Principal.Name).Distinct(StringComparer.Ordinal);
        var known = users.Select(user => new KeyChange(user, _hearing!.PeekKeyHash(user))).Where(key => key.KnownHash is not null);
        return Task.WhenAll([_sweeper.SweepAllAsync(), .. known.Select(_missedKeys.RunAsync)]);
    }

    public void Dispose()
    {
        _deaf?.Dispose();
        _changedKeys.Dispose();
        _missedKeys.Dispose();
    }

    private void CheckWhileDeaf()
    {
        if (_hearing is { HearsAll: false })
        {
            _ = CheckAllAsync();
        }
    }

    // On the connection's thread.
    private void OnStoreChanged(HeardChange change)
    {
        if (change.Kind is HeardKind.Lock or HeardKind.Grants)
        {
            _ = _sweeper.SweepSoonAsync(change.Channel!);
        }
        else if (change.Kind is HeardKind.KeyHash && _connections.CountOfUser(change.Principal) > 0)
        {
            _ = _changedKeys.RunAsync(new(change.Principal, change.KnownHash));
        }
    }

    // The same rules as in the API: an app's new key closes connections of the old one; an agent's new login does not, but the revocation of its key does.
    // A key with the same hash has not changed: Redis does not say in which database a key was changed.
    private async ValueTask CheckKeyAsync(KeyChange change)
    {
        var live = await _store.GetKeyHashAsync(change.Principal);
        if (live is null || (change.KnownHash is { } known && known != live && Principal.Of(change.Principal).IsApp))
        {
            _connections.EndAfterKeyChange(change.Principal);
        }
    }

    // The clients come back, and their keys are checked then.
    private void EndUnchecked(KeyChange change) => _connections.EndUnchecked(change.Principal);

    /// <param name="Principal">Not empty.</param>
    /// <param name="KnownHash">Before the change; null when it is not known.</param>
    private readonly record struct KeyChange(string Principal, string? KnownHash)
    {
        /// <summary>For logs, without the hash.</summary>
        public override string ToString() => $"the key of {Principal}";
    }
}
