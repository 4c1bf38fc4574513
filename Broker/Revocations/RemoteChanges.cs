using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Revocations;

/// <summary>Applies changes that another node, the old API or an operator made in the shared store to this node's connections.</summary>
/// <remarks>
/// Subscribers that lost the right to listen to a channel are removed from it; connections whose token no longer counts are closed. When the store
/// does not say within a second what a change was, all that it may concern ends with codes on which clients come back. Changes made through this node are
/// heard as well, and applied a second time without effect. Thread-safe.
/// </remarks>
internal sealed class RemoteChanges : IHostedService, IDisposable
{
    /// <summary>How often everything is checked again while changes could be missed: some Redis servers never report them.</summary>
    public static readonly TimeSpan DeafInterval = TimeSpan.FromSeconds(5);

    private readonly IHearingStore? _hearing;
    private readonly SubscriptionSweeper _sweeper;
    private readonly OpenConnections _connections;
    private readonly PendingChecks<TokensOf> _changedTokens;
    private readonly PendingChecks<TokensOf> _missedTokens;
    private readonly TimeProvider _time;
    private ITimer? _deaf;

    /// <param name="store">A store that nobody else can change is not listened to.</param>
    /// <param name="sweeper">Removes subscribers after changes of locks and grants.</param>
    /// <param name="connectionSweeper">Closes connections after changes of keys and revocations.</param>
    /// <param name="connections">Whose principals are checked.</param>
    public RemoteChanges(
        IStateStore store, SubscriptionSweeper sweeper, ConnectionSweeper connectionSweeper, OpenConnections connections, TimeProvider time, ILogger<RemoteChanges> logger)
    {
        _hearing = store as IHearingStore;
        _sweeper = sweeper;
        _connections = connections;
        _time = time;
        _changedTokens = new(Sweep, EndUnchecked, CheckPolicy.KnownChange, time, logger);
        _missedTokens = new(Sweep, EndUnchecked, CheckPolicy.MissedChange, time, logger);

        ValueTask Sweep(TokensOf tokens) => connectionSweeper.SweepAsync(tokens.Principal);

        // The clients come back, and their tokens are checked then.
        void EndUnchecked(TokensOf tokens) => connectionSweeper.EndUnchecked(tokens.Principal);
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
    public Task CheckAllAsync()
    {
        var principals = _hearing is null ? [] : _connections.All().Select(connection => connection.Principal).Where(principal => principal.Token != TokenStamp.None);
        var tokens = principals.Select(principal => new TokensOf(principal.Name)).Distinct();
        return Task.WhenAll([_sweeper.SweepAllAsync(), .. tokens.Select(_missedTokens.RunAsync)]);
    }

    public void Dispose()
    {
        _deaf?.Dispose();
        _changedTokens.Dispose();
        _missedTokens.Dispose();
    }

    private void CheckWhileDeaf()
    {
        if (_hearing is { Continuity: 0 })
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
        else if (change.Kind is HeardKind.Tokens && _connections.CountOfUser(change.Principal) > 0)
        {
            _ = _changedTokens.RunAsync(new(change.Principal));
        }
    }

    /// <param name="Principal">Not empty.</param>
    private readonly record struct TokensOf(string Principal)
    {
        /// <summary>For logs.</summary>
        public override string ToString() => $"the tokens of {Principal}";
    }
}
