using System.Text.Json;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>Accepts a token with any claims, and gives them as they are.</summary>
internal sealed class AllClaims : ITokenReader<JsonElement>
{
    /// <summary>A check of nothing but what all tokens have in common, with the secret of <see cref="TestToken"/>.</summary>
    public static TokenCheck<JsonElement> CheckWith(TokenSettings settings, TimeProvider time) =>
        new(new AllClaims(), settings, new SigningSecret(TestToken.Secret), liveKeys: null, time);

    public bool TryRead(JsonElement claims, TokenOwner owner, out JsonElement content)
    {
        content = claims.Clone();
        return true;
    }
}
