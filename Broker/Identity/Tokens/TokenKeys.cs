using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Identity.KeySets;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The keys that may have signed a token, by the algorithm it names. Thread-safe.</summary>
/// <remarks>Each family of algorithms has keys of its own kind only, so that no public key is ever used as a secret (RFC 8725, section 3.1).</remarks>
internal sealed class TokenKeys(TokenSettings settings, SymmetricSecurityKey own, PublishedKeySets? published, TimeProvider time)
{
    private readonly Lazy<KnownSecrets> _secrets = new(() => KnownSecrets.Of(settings, own));

    private readonly Lazy<SecurityKey[]> _rsa = new(() => settings.RsaPublicKey is { } pem ? [RsaKey(pem)] : []);
    private readonly Lazy<SecurityKey[]> _ecdsa = new(() => settings.EcdsaPublicKey is { } pem ? [EcdsaKey(pem)] : []);

    // The published keys of former settings are not disposed of: a check may still use them, and their connections close by themselves.
    public static TokenKeys Of(TokenSettings settings, SymmetricSecurityKey own, TimeProvider time) =>
        new(settings, own, settings.KeysAddress is { } address ? new PublishedKeySets(address, time, settings.KeysTimeout) : null, time);

    /// <returns>Empty when nothing of that kind is configured; null when the published keys cannot be fetched.</returns>
    /// <remarks>Hot path: asked for every cached token.</remarks>
    public ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(KeyLookup lookup) => lookup.Algorithm switch
    {
        "HS256" => new(Secrets()),
        "HS384" or "HS512" when !settings.AcceptsOnlyHs256 => new(Secrets()),
        "RS256" or "RS384" or "RS512" => published?.FindAsync(lookup.Parts, lookup.KeyId, typeof(RsaSecurityKey)) ?? new(_rsa.Value),
        "ES256" or "ES384" or "ES512" => published?.FindAsync(lookup.Parts, lookup.KeyId, typeof(ECDsaSecurityKey)) ?? new(_ecdsa.Value),
        Ed25519Key.Name when published is not null => published.FindAsync(lookup.Parts, lookup.KeyId, typeof(Ed25519Key)),
        _ => new([]),
    };

    /// <summary>Whether the broker's own secret, or the previous one of it, has signed a token.</summary>
    /// <param name="key">Found by <see cref="FindAsync"/>.</param>
    public bool IsOwn(SecurityKey key) => key == _secrets.Value.Own || (settings.Secret is null && key is SymmetricSecurityKey);

    /// <summary>Call it when a token was verified with a key that <see cref="FindAsync"/> has found.</summary>
    public void Prove(KeyLookup lookup, SecurityKey key)
    {
        if (key is not SymmetricSecurityKey)
        {
            published?.Prove(lookup.Parts);
        }
    }

    private SecurityKey[] Secrets() =>
        settings.PreviousSecret is not null && time.GetUtcNow() < settings.PreviousSecretEnd ? _secrets.Value.WithPrevious : _secrets.Value.Lasting;

    private static SymmetricSecurityKey SecretKey(string secret) => SecretKey(Encoding.UTF8.GetBytes(secret));

    // HMAC fills a key up with zeros to its block (RFC 2104, section 2). Filled up here, a secret of 32 bytes works for HS512, too, as it
    // does in other libraries; this one would reject it.
    private static SymmetricSecurityKey SecretKey(byte[] secret)
    {
        const int longestHash = 64;
        var filled = new byte[Math.Max(secret.Length, longestHash)];
        secret.CopyTo(filled, 0);
        return new SymmetricSecurityKey(filled);
    }

    /// <exception cref="ArgumentException">Not a public key.</exception>
    /// <exception cref="CryptographicException">Not an RSA key.</exception>
    public static RsaSecurityKey RsaKey(string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new RsaSecurityKey(rsa);
    }

    /// <exception cref="ArgumentException">Not a public key.</exception>
    /// <exception cref="CryptographicException">Not a key of an elliptic curve.</exception>
    public static ECDsaSecurityKey EcdsaKey(string pem)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(pem);
        return new ECDsaSecurityKey(ecdsa);
    }

    /// <param name="Own">The broker's own.</param>
    /// <param name="Lasting">Those that may sign at any time.</param>
    /// <param name="WithPrevious">The same, and the previous one if there is one.</param>
    private sealed record KnownSecrets(SecurityKey Own, SecurityKey[] Lasting, SecurityKey[] WithPrevious)
    {
        public static KnownSecrets Of(TokenSettings settings, SymmetricSecurityKey ownSecret)
        {
            // The own one first: a back end may have been given the same secret, and the broker's own tokens are still its own then.
            var own = SecretKey(ownSecret.Key);
            SecurityKey[] lasting =
            [
                .. settings.Secret is null || settings.IncludesOwnSecret ? [own] : Array.Empty<SecurityKey>(),
                .. settings.Secret is { } secret ? [SecretKey(secret)] : Array.Empty<SecurityKey>(),
            ];
            return new(own, lasting, settings.PreviousSecret is { } previous ? [.. lasting, SecretKey(previous)] : lasting);
        }
    }
}
