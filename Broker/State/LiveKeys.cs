using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.State;

/// <summary>The tokens that still count, as the store has it.</summary>
internal sealed class LiveKeys(IStateStore store) : ILiveKeys
{
    public async ValueTask<bool> IsLiveAsync(TokenOwner owner) =>
        owner.KeyHash is { } hash ? owner.Name.Length > 0 && await store.GetKeyHashAsync(owner.Name) is { } live && TokenIssuer.IsSameHash(live, hash)
        : owner.Name.Length == 0 || await store.GetRevokedUntilAsync(owner.Name) is var until && (until == 0 || owner.IssuedAt > until);

    public async ValueTask<bool> HasEndedAsync(Principal principal) => principal.Token switch
    {
        var token when token == TokenStamp.None => false,
        { Key: 0 } token => token.IsEnded(null, await store.GetRevokedUntilAsync(principal.Name)),
        var key => key.IsEnded(await store.GetKeyHashAsync(principal.Name), 0),
    };
}
