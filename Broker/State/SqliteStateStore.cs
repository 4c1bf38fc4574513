using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>Keeps locks, grants and live keys in one SQLite file; what lives for seconds or minutes is in memory.</summary>
/// <remarks>A change that was awaited is on the disk and survives a kill. Questions are answered from memory and cost none.</remarks>
internal sealed class SqliteStateStore : IStateStore, IAsyncDisposable
{
    private readonly StateFile _file;
    private readonly StateTables _tables;
    private readonly StateWriter _writer;
    private readonly RateWindows _windows;
    private readonly PendingSignatures _signatures;

    /// <param name="file">The store's own from here on.</param>
    /// <param name="time">For the rate windows and the signatures.</param>
    public SqliteStateStore(StateFile file, TimeProvider time)
    {
        _file = file;
        _tables = file.Tables;
        _writer = new StateWriter(file.Connection, file.Tables);
        _windows = new RateWindows(time);
        _signatures = new PendingSignatures(time);
    }

    public string Description => _file.Path;

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => new(_tables.GetAccess(channel, principal));

    public ValueTask LockAsync(ChannelName channel) => WriteAsync(StateChange.Lock(channel));

    public ValueTask UnlockAsync(ChannelName channel) => WriteAsync(StateChange.Unlock(channel));

    public ValueTask GrantAsync(ChannelName channel, string target) => WriteAsync(StateChange.Grant(channel, target));

    public ValueTask RevokeGrantAsync(ChannelName channel, string target) => WriteAsync(StateChange.RevokeGrant(channel, target));

    public ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey) => new(_tables.GetLockedTopics(ownerKey));

    public ValueTask SetKeyHashAsync(string principal, string keyHash) => WriteAsync(StateChange.SetKeyHash(principal, keyHash));

    public ValueTask RemoveKeyHashAsync(string principal) => WriteAsync(StateChange.RemoveKeyHash(principal));

    public ValueTask<string?> GetKeyHashAsync(string principal) => new(_tables.GetKeyHash(principal));

    public ValueTask SetSignatureAsync(string username, string signature)
    {
        _signatures.Set(username, signature);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetSignatureAsync(string username) => new(_signatures.Get(username));

    public ValueTask<bool> TryTakeSignatureAsync(string username, string signature) => new(_signatures.TryTake(username, signature));

    public ValueTask<RateWindow> CountPublishAsync(string principal) => new(_windows.Count(principal));

    /// <summary>Writes what was accepted, closes the file, and lets another broker have it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _file.Dispose();
    }

    private ValueTask WriteAsync(StateChange change) => new(_writer.WriteAsync(change));
}
