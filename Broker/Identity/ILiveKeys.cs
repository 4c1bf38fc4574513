using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>Knows which tokens still count: the one live key of each agent and app, and until when other tokens were revoked.</summary>
internal interface ILiveKeys
{
    /// <returns>False for a key that is not its owner's live one, and for another token that was issued before its owner revoked all.</returns>
    /// <remarks>Thread-safe. Hot path: asked for every request that brings a token.</remarks>
    ValueTask<bool> IsLiveAsync(TokenOwner owner);

    /// <returns>Whether the token that has identified the principal no longer counts; false without a token.</returns>
    /// <remarks>Thread-safe. Asked once for each connect.</remarks>
    ValueTask<bool> HasEndedAsync(Principal principal);
}
