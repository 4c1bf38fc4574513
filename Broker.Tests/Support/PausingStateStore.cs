using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A store that answers who may listen when the test says so, as one behind a network would; everything else it does at once.</summary>
internal sealed class PausingStateStore : IStateStore
{
    private readonly InMemoryStateStore _inner = new(TimeProvider.System);
    private TaskCompletionSource<ChannelAccess> _answer = new();

    public string Description => _inner.Description;

    /// <summary>Lets the question that waits have its answer; the next one waits again.</summary>
    public void Answer(ChannelAccess access) => Next().SetResult(access);

    /// <summary>Lets the question that waits fail.</summary>
    public void Fail(Exception exception) => Next().SetException(exception);

    public ValueTask<ChannelAccess> GetAccessAsync(ChannelName channel, Principal principal) => new(_answer.Task);

    public ValueTask LockAsync(ChannelName channel) => _inner.LockAsync(channel);

    public ValueTask UnlockAsync(ChannelName channel) => _inner.UnlockAsync(channel);

    public ValueTask GrantAsync(ChannelName channel, string target) => _inner.GrantAsync(channel, target);

    public ValueTask RevokeGrantAsync(ChannelName channel, string target) => _inner.RevokeGrantAsync(channel, target);

    public ValueTask<IReadOnlyList<string>> GetLockedTopicsAsync(string ownerKey) => _inner.GetLockedTopicsAsync(ownerKey);

    public ValueTask SetKeyHashAsync(string principal, string keyHash) => _inner.SetKeyHashAsync(principal, keyHash);

    public ValueTask RemoveKeyHashAsync(string principal) => _inner.RemoveKeyHashAsync(principal);

    public ValueTask<string?> GetKeyHashAsync(string principal) => _inner.GetKeyHashAsync(principal);

    public ValueTask SetSignatureAsync(string username, string signature) => _inner.SetSignatureAsync(username, signature);

    public ValueTask<string?> GetSignatureAsync(string username) => _inner.GetSignatureAsync(username);

    public ValueTask<bool> TryTakeSignatureAsync(string username, string signature) => _inner.TryTakeSignatureAsync(username, signature);

    public ValueTask<RateWindow> CountPublishAsync(string principal) => _inner.CountPublishAsync(principal);

    private TaskCompletionSource<ChannelAccess> Next() => Interlocked.Exchange(ref _answer, new());
}
