using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Redis;

/// <summary>Which certificates of Redis servers are accepted: those that the system trusts, and those signed by the authorities of one more file.</summary>
/// <remarks>Thread-safe. The file is read once, at the first connection.</remarks>
/// <param name="file">PEM certificates; null for none.</param>
internal sealed class RedisTrust(string? file)
{
    private readonly Lazy<X509Certificate2Collection> _authorities = new(() => Read(file));

    /// <summary>Judges a certificate, as a callback of TLS.</summary>
    /// <exception cref="StoreRefusedException">The file cannot be used.</exception>
    public RemoteCertificateValidationCallback Judge()
    {
        var authorities = _authorities.Value;
        return (_, certificate, chain, errors) =>
            errors is SslPolicyErrors.None || (errors is SslPolicyErrors.RemoteCertificateChainErrors && IsSignedBy(authorities, certificate, chain));
    }

    private static X509Certificate2Collection Read(string? file)
    {
        var authorities = new X509Certificate2Collection();
        if (file is null)
        {
            return authorities;
        }

        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StoreRefusedException($"the authorities in {file} cannot be read: {exception.Message}", exception);
        }

        return authorities.Count > 0 ? authorities : throw new StoreRefusedException($"{file} contains no certificate");
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain)
    {
        if (authorities.Count == 0 || certificate is not X509Certificate2 signed)
        {
            return false;
        }

        using var ours = new X509Chain();
        ours.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        ours.ChainPolicy.CustomTrustStore.AddRange(authorities);
        ours.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        // What the server sent beside its own: those between it and the authority.
        ours.ChainPolicy.ExtraStore.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        return ours.Build(signed);
    }
}
