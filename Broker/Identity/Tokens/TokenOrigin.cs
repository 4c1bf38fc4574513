using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Microsoft.IdentityModel.JsonWebTokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Matches a token's issuer and audience with the patterns of the settings.</summary>
internal static class TokenOrigin
{
    private static readonly FrozenDictionary<string, string> Nothing = FrozenDictionary<string, string>.Empty;

    /// <param name="token">Not verified yet.</param>
    /// <param name="parts">The matches of the named groups, by name.</param>
    /// <returns>False when a pattern that is set does not match.</returns>
    public static bool TryMatch(TokenSettings settings, JsonWebToken token, out IReadOnlyDictionary<string, string> parts)
    {
        parts = Nothing;
        if (settings.IssuerPattern is null && settings.AudiencePattern is null)
        {
            return true;
        }

        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        parts = found;
        return TryMatch(settings.IssuerPattern, [token.Issuer], found) && TryMatch(settings.AudiencePattern, token.Audiences, found);
    }

    private static bool TryMatch(Regex? pattern, IEnumerable<string> values, Dictionary<string, string> parts)
    {
        if (pattern is null)
        {
            return true;
        }

        if (values.Select(value => pattern.Match(value)).FirstOrDefault(match => match.Success) is not { } match)
        {
            return false;
        }

        foreach (var group in match.Groups.Values.Where(group => group.Success))
        {
            parts[group.Name] = group.Value;
        }

        return true;
    }
}
