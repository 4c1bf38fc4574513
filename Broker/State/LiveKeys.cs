using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.State;

/// <summary>The live keys as the store has them.</summary>
internal sealed class LiveKeys(IStateStore store) : ILiveKeys
{
    public async ValueTask<bool> IsLiveAsync(string principal, string keyHash) =>
        await store.GetKeyHashAsync(principal) is { } live && TokenIssuer.IsSameHash(live, keyHash);
}
