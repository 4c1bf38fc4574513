using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Identity.Edwards;
using ClawEvents.Broker.Identity.KeySets;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The keys that may have signed a token, by the algorithm it names. Thread-safe.</summary>
/// <remarks>Each family of algorithms has keys of its own kind only, so that no public key is ever taken for a secret (RFC 8725, section 3.1).</remarks>
internal sealed class TokenKeys(TokenSettings settings, SigningSecret ownSecret, PublishedKeySets? published, TimeProvider time)
{
    private readonly Lazy<SecurityKey[]> _lasting = new(() =>
    [
        .. settings.Secret is { } secret ? [SecretKey(secret)] : Array.Empty<SecurityKey>(),
        .. settings.Secret is null || settings.IncludesOwnSecret ? [SecretKey(ownSecret.Key.Key)] : Array.Empty<SecurityKey>(),
    ]);

    private readonly Lazy<SecurityKey[]> _previous = new(() => settings.PreviousSecret is { } secret ? [SecretKey(secret)] : []);
    private readonly Lazy<SecurityKey[]> _rsa = new(() => settings.RsaPublicKey is { } pem ? [RsaKey(pem)] : []);
    private readonly Lazy<SecurityKey[]> _ecdsa = new(() => settings.EcdsaPublicKey is { } pem ? [EcdsaKey(pem)] : []);

    /// <param name="algorithm">The token's <c>alg</c>, of any content.</param>
    /// <param name="keyId">Its <c>kid</c>; empty without one.</param>
    /// <param name="parts">Of its issuer and audience, for the address of published keys.</param>
    /// <returns>Empty when nothing of that kind is configured; null when the published keys cannot be fetched.</returns>
    public async ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(string algorithm, string keyId, IReadOnlyDictionary<string, string> parts) => algorithm switch
    {
        "HS256" or "HS384" or "HS512" => time.GetUtcNow() < settings.PreviousSecretEnd ? [.. _lasting.Value, .. _previous.Value] : _lasting.Value,
        "RS256" or "RS384" or "RS512" => published is null ? _rsa.Value : await published.FindAsync(parts, keyId, typeof(RsaSecurityKey)),
        "ES256" or "ES384" or "ES512" => published is null ? _ecdsa.Value : await published.FindAsync(parts, keyId, typeof(ECDsaSecurityKey)),
        Ed25519Key.Name when published is not null => await published.FindAsync(parts, keyId, typeof(Ed25519Key)),
        _ => [],
    };

    private static SymmetricSecurityKey SecretKey(string secret) => SecretKey(Encoding.UTF8.GetBytes(secret));

    // HMAC fills a key up with zeros to its block (RFC 2104, section 2). Filled up here, a secret of 32 bytes is one for HS512, too, as it is
    // for other libraries; this one would refuse it.
    private static SymmetricSecurityKey SecretKey(byte[] secret)
    {
        const int longestHash = 64;
        var filled = new byte[Math.Max(secret.Length, longestHash)];
        secret.CopyTo(filled, 0);
        return new SymmetricSecurityKey(filled);
    }

    /// <exception cref="ArgumentException">It is no public key.</exception>
    /// <exception cref="CryptographicException">It is no RSA key.</exception>
    public static RsaSecurityKey RsaKey(string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new RsaSecurityKey(rsa);
    }

    /// <exception cref="ArgumentException">It is no public key.</exception>
    /// <exception cref="CryptographicException">It is no key of an elliptic curve.</exception>
    public static ECDsaSecurityKey EcdsaKey(string pem)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(pem);
        return new ECDsaSecurityKey(ecdsa);
    }
}
