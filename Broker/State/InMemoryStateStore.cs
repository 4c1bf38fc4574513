using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>Keeps everything in the process: nothing survives a restart.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore
{
    private readonly ConcurrentDictionary<ChannelName, bool> _locks = new();
    private readonly ConcurrentDictionary<(ChannelName Channel, string Target), bool> _grants = new();
    private readonly ConcurrentDictionary<string, string> _keyHashes = new(StringComparer.Ordinal);
    private readonly RateWindows _windows = new(time);
    private readonly PendingSignatures _signatures = new(time);

    public string Description => "in memory (locks, grants and keys are lost at a restart)";

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => new(
        !_locks.ContainsKey(channel) ? ChannelAccess.Open
        : _grants.ContainsKey((channel, principal.Name)) ? ChannelAccess.Granted
        : ChannelAccess.Locked);

    public ValueTask LockAsync(ChannelName channel)
    {
        _locks[channel] = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask UnlockAsync(ChannelName channel)
    {
        _locks.TryRemove(channel, out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask GrantAsync(ChannelName channel, string target)
    {
        _grants[(channel, target)] = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask RevokeGrantAsync(ChannelName channel, string target)
    {
        _grants.TryRemove((channel, target), out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask SetKeyHashAsync(string principal, string keyHash)
    {
        _keyHashes[principal] = keyHash;
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetKeyHashAsync(string principal) => new(_keyHashes.GetValueOrDefault(principal));

    public ValueTask SetSignatureAsync(string username, string signature)
    {
        _signatures.Set(username, signature);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetSignatureAsync(string username) => new(_signatures.Get(username));

    public ValueTask<bool> TryTakeSignatureAsync(string username, string signature) => new(_signatures.TryTake(username, signature));

    public ValueTask<RateWindow> CountPublishAsync(string principal) => new(_windows.Count(principal));
}
