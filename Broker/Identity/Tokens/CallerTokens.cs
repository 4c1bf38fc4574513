using System.Text.Json;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The caller of the API, as a token proves it.</summary>
/// <param name="Principal">Anonymous unless valid.</param>
/// <param name="ExpiresAt"><see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal readonly record struct CallerTokenResult(TokenStatus Status, Principal Principal, DateTimeOffset ExpiresAt);

/// <summary>Reads the tokens that HTTP requests bring: docs/reference/http-api.md#authentication.</summary>
/// <remarks>
/// HS256 with the broker's own secret only, whatever the settings for clients say, and a subject is needed. Thread-safe. Hot path: a token that was
/// verified recently allocates nothing (TokenCheckBenchmarks).
/// </remarks>
internal sealed class CallerTokens : ITokenReader<Principal>
{
    /// <summary>The broker's own tokens have about 250 bytes.</summary>
    public const int MaxTokenBytes = 4096;

    private readonly TokenCheck<Principal> _check;

    public CallerTokens(SigningSecret ownSecret, ILiveKeys liveKeys, TimeProvider time) =>
        _check = new(this, new TokenSettings { AcceptsOnlyHs256 = true, MaxTokenBytes = MaxTokenBytes }, ownSecret, liveKeys, time);

    /// <param name="token">As it was received, with any content.</param>
    public async ValueTask<CallerTokenResult> VerifyAsync(ReadOnlyMemory<char> token)
    {
        var (status, verified) = await _check.CheckAsync(token);
        return verified is null ? new(status, Principal.Anonymous, DateTimeOffset.MaxValue) : new(status, verified.Content, verified.ExpiresAt);
    }

    bool ITokenReader<Principal>.TryRead(JsonElement claims, TokenOwner owner, out Principal content)
    {
        content = owner.ToPrincipal();
        return !content.IsAnonymous;
    }
}
