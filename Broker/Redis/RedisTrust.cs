using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Http;

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
        return (_, certificate, chain, errors) => TrustedAuthorities.Accept(authorities, certificate, chain, errors);
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
}
