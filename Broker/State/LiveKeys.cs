using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.State;

/// <summary>The tokens that still count, as the store has it.</summary>
internal sealed class LiveKeys(IStateStore store) : ILiveKeys
{
    public async ValueTask<bool> IsLiveAsync(TokenOwner owner) =>
        owner.KeyHash is { } hash ? owner.Name.Length > 0 && await store.GetKeyHashAsync(owner.Name) is { } live && TokenIssuer.IsSameHash(live, hash)
        : owner.Name.Length == 0 || await store.GetRevokedUntilAsync(owner.Name) is var until && (until == 0 || owner.IssuedAt > until);
}
