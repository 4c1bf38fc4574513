using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.ClientTokens;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads which tokens are believed: <c>TokenRsaPublicKey</c>, <c>SubscriptionTokenRsaPublicKey</c> and so on. docs/reference/tokens.md</summary>
/// <param name="configuration">The settings.</param>
/// <param name="fault">Told of each wrong one: its name, what is wrong, an example. Secrets stay out of it.</param>
internal sealed class TokenSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <param name="prefix">What the settings' names begin with.</param>
    public TokenSettings Read(string prefix) => new()
    {
        Secrets = [.. Secret($"{prefix}Secret"), .. Secret($"{prefix}PreviousSecret")],
        RsaPublicKey = Pem($"{prefix}RsaPublicKey", pem => TokenKeys.RsaKey(pem)),
        EcdsaPublicKey = Pem($"{prefix}EcdsaPublicKey", pem => TokenKeys.EcdsaKey(pem)),
        KeysAddress = Address($"{prefix}JwksUrl"),
        Audience = Text($"{prefix}Audience"),
        Issuer = Text($"{prefix}Issuer"),
        UserClaim = Text($"{prefix}UserIdClaim") ?? new TokenSettings().UserClaim,
    };

    private string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    private string[] Secret(string name)
    {
        var secret = Text(name);
        if (secret is not null && Encoding.UTF8.GetByteCount(secret) < SigningSecret.MinBytes)
        {
            fault(name, $"it is shorter than {SigningSecret.MinBytes} bytes", "$(openssl rand -hex 32)");
        }

        return secret is null ? [] : [secret];
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
            fault(name, "it is no public key of that kind in PEM", "$(cat public.pem)");
        }

        return pem;
    }

    private Uri? Address(string name)
    {
        var text = Text(name);
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp))
        {
            return address;
        }

        fault(name, $"'{text}' is not an http or https address", "https://id.example.com/keys");
        return null;
    }
}
