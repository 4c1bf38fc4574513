using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>Keeps everything in the process: nothing survives a restart. For tests and benchmarks.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore
{
    private readonly StateTables _tables = new();
    private readonly RateWindows _windows = new(time);
    private readonly PendingSignatures _signatures = new(time);

    public string Description => "in memory (locks, grants and keys are lost at a restart)";

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => new(_tables.GetAccess(channel, principal));

    public ValueTask LockAsync(ChannelName channel)
    {
        _tables.Lock(channel);
        return ValueTask.CompletedTask;
    }

    public ValueTask UnlockAsync(ChannelName channel)
    {
        _tables.Unlock(channel);
        return ValueTask.CompletedTask;
    }

    public ValueTask GrantAsync(ChannelName channel, string target)
    {
        _tables.Grant(channel, target);
        return ValueTask.CompletedTask;
    }

    public ValueTask RevokeGrantAsync(ChannelName channel, string target)
    {
        _tables.RevokeGrant(channel, target);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey) => new(_tables.GetLockedTopics(ownerKey));

    public ValueTask SetKeyHashAsync(string principal, string keyHash)
    {
        _tables.SetKeyHash(principal, keyHash);
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveKeyHashAsync(string principal)
    {
        _tables.RemoveKeyHash(principal);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetKeyHashAsync(string principal) => new(_tables.GetKeyHash(principal));

    public ValueTask SetSignatureAsync(string username, string signature)
    {
        _signatures.Set(username, signature);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetSignatureAsync(string username) => new(_signatures.Get(username));

    public ValueTask<bool> TryTakeSignatureAsync(string username, string signature) => new(_signatures.TryTake(username, signature));

    public ValueTask<RateWindow> CountPublishAsync(string principal) => new(_windows.Count(principal));
}
