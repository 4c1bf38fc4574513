using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Makes tokens as a back end would: for a connection, or for a subscription. docs/reference/tokens.md</summary>
internal static class ClientTokens
{
    public const string ChannelClaim = "channel";

    /// <summary>Whether a token may name this user: <c>anonymous</c> is no user, and the tokens of an app are its keys.</summary>
    /// <param name="user">Empty: a client without a user.</param>
    public static bool MayName(string user) => user is not Principal.AnonymousSender && !user.StartsWith(Principal.AppPrefix, StringComparison.Ordinal);

    /// <summary>Makes a token that these settings accept, as far as HS256 can: no public key and no pattern is asked.</summary>
    /// <param name="channel">Null: it is for a connection.</param>
    /// <param name="lifetime">Null: it does not expire.</param>
    /// <param name="own">The broker's own secret.</param>
    public static string Sign(TokenSettings settings, SigningSecret own, string user, string? channel, TimeSpan? lifetime, DateTimeOffset now)
    {
        var claims = new Dictionary<string, object> { [settings.UserClaim] = user };
        if (channel is not null)
        {
            claims[ChannelClaim] = channel;
        }

        var secret = settings.Secret is { } given && !settings.IncludesOwnSecret ? Encoding.UTF8.GetBytes(given) : own.Key.Key;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            IssuedAt = now.UtcDateTime,
            Expires = (now + lifetime)?.UtcDateTime,
            Audience = settings.Audience,
            Issuer = settings.Issuer,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret), SecurityAlgorithms.HmacSha256),
            Claims = claims,
        });
    }
}
