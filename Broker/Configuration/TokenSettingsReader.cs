using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.KeySets;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads how tokens are verified: <c>TokenRsaPublicKey</c>, <c>SubscriptionTokenRsaPublicKey</c> and so on. docs/reference/tokens.md</summary>
/// <param name="fault">Receives each fault: the name of the setting, what is wrong, an example. It never contains secrets.</param>
internal sealed class TokenSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <param name="prefix">Beginning of the names of the settings.</param>
    public TokenSettings Read(string prefix)
    {
        var issuer = Pattern($"{prefix}IssuerRegex", $"{prefix}Issuer");
        var audience = Pattern($"{prefix}AudienceRegex", $"{prefix}Audience");
        return new()
        {
            Secret = Secret($"{prefix}Secret"),
            PreviousSecret = Secret($"{prefix}PreviousSecret"),
            PreviousSecretEnd = Moment($"{prefix}PreviousSecretValidUntil"),
            RsaPublicKey = Pem($"{prefix}RsaPublicKey", pem => TokenKeys.RsaKey(pem)),
            EcdsaPublicKey = Pem($"{prefix}EcdsaPublicKey", pem => TokenKeys.EcdsaKey(pem)),
            KeysAddress = Address(prefix, [.. issuer?.GetGroupNames() ?? [], .. audience?.GetGroupNames() ?? []]),
            HasAnyKeysAddress = AllowsAnyValue(prefix),
            Audience = Text($"{prefix}Audience"),
            AudiencePattern = audience,
            Issuer = Text($"{prefix}Issuer"),
            IssuerPattern = issuer,
            UserClaim = Text($"{prefix}UserIdClaim") ?? new TokenSettings().UserClaim,
            UserPrefix = UserPrefix($"{prefix}UserPrefix"),
            SkipsSignatures = new SettingSource(configuration, fault).Flag("SkipTokenSignatures"),
        };
    }

    private string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    private string UserPrefix(string name)
    {
        var prefix = Text(name) ?? "";
        if (prefix.StartsWith(Principal.AppPrefix, StringComparison.Ordinal))
        {
            fault(name, $"it must not begin with '{Principal.AppPrefix}', which begins the names of apps", "partner-");
        }

        return prefix;
    }

    private string? Secret(string name)
    {
        var secret = Text(name);
        if (secret is not null && SigningSecret.IsTooShort(secret) && !new SettingSource(configuration, fault).Flag(SigningSecret.AllowShortName))
        {
            fault(name, SigningSecret.ShortRule, "$(openssl rand -hex 32)");
        }

        return secret;
    }

    private DateTimeOffset Moment(string name)
    {
        if (Text(name) is not { } text)
        {
            return DateTimeOffset.MaxValue;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds == 0 ? DateTimeOffset.MaxValue : TokenClaims.MomentOf(seconds);
        }

        fault(name, $"'{text}' is not a time in seconds since 1970", "1767225600");
        return DateTimeOffset.MaxValue;
    }

    private Regex? Pattern(string name, string other)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Text(other) is not null)
        {
            fault(name, $"{other} is set, too: use only one of them", "^https://id\\.example\\.com/(?P<realm>[a-z]+)$");
        }

        var pattern = SafePattern.Parse(text, out var reason);
        if (pattern is null)
        {
            fault(name, $"'{text}' is not a usable pattern: {reason}", "^https://id\\.example\\.com/(?P<realm>[a-z]+)$");
        }

        return pattern;
    }

    private string? Pem(string name, Action<string> import)
    {
        // Environment variables and JSON carry the line breaks of PEM as \n, if at all.
        var pem = Text(name)?.Replace("\\n", "\n", StringComparison.Ordinal);
        try
        {
            if (pem is not null)
            {
                import(pem);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            fault(name, "it is not a public key of that type in PEM", "$(cat public.pem)");
        }

        return pem;
    }

    private KeySetAddress? Address(string prefix, IReadOnlyList<string> groups)
    {
        var name = $"{prefix}JwksUrl";
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (KeySetAddress.Parse(text) is not { } address)
        {
            fault(name, $"'{text}' is not an http or https address", "https://id.example.com/keys");
            return null;
        }

        foreach (var unknown in address.Names.Where(part => !groups.Contains(part)))
        {
            fault(name, $"no group in {prefix}IssuerRegex or {prefix}AudienceRegex is named '{unknown}'", "https://id.example.com/keys");
        }

        foreach (var open in AllowsAnyValue(prefix) ? [] : address.Names.Where(part => IsOpen($"{prefix}IssuerRegex", part) || IsOpen($"{prefix}AudienceRegex", part)))
        {
            fault(name, $"the group '{open}' matches any text of a form: a token chooses from where its keys are fetched. Name the texts in the pattern, or set {prefix}JwksAnyValue=true", $"{prefix}IssuerRegex='^https://id\\.example\\.com/(?P<{open}>one|two)$'");
        }

        return address;
    }

    private bool AllowsAnyValue(string prefix) => new SettingSource(configuration, fault).Flag($"{prefix}JwksAnyValue");

    private bool IsOpen(string pattern, string group) =>
        Text(pattern) is { } text && SafePattern.Parse(text, out _)?.GetGroupNames().Contains(group) is true && !SpelledOutGroup.Is(text, group);
}
