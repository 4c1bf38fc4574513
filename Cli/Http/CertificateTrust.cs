using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>Which certificates of servers are accepted: those that the system trusts, and those signed by the authorities of one more file.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class CertificateTrust
{
    private readonly X509Certificate2Collection _authorities = [];

    /// <param name="authorities">A file of PEM certificates; null for none.</param>
    public CertificateTrust(string? authorities)
    {
        if (authorities is not null)
        {
            Failure = TryRead(authorities);
        }
    }

    /// <summary>The error if the file cannot be used; otherwise null.</summary>
    public Failure? Failure { get; }

    /// <summary>Why the last certificate was not accepted, the end of a sentence; null if none was refused.</summary>
    public string? Problem { get; private set; }

    /// <summary>Judges a server's certificate, as a callback of TLS.</summary>
    public bool Accepts(object? sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Problem = errors switch
        {
            SslPolicyErrors.None => null,
            SslPolicyErrors.RemoteCertificateChainErrors when IsSignedByOurs(certificate, chain) => null,
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => "it shows no certificate",
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "its certificate is for another name",
            _ when HasEnded(certificate) => "its certificate has expired, or is not valid yet",
            _ => "its certificate is not signed by an authority that this machine trusts",
        };
        return Problem is null;
    }

    private Failure? TryRead(string file)
    {
        try
        {
            _authorities.ImportFromPemFile(file);
            return _authorities.Count > 0 ? null : Unusable(file, "it contains no certificate");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unusable(file, "it does not exist");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Unusable(file, exception is CryptographicException ? "it contains no certificate" : "it cannot be read");
        }
    }

    private static Failure Unusable(string file, string reason) =>
        new($"Cannot use the authorities in {file}: {reason}", "Name a file of PEM certificates: --ca <file>");

    private bool IsSignedByOurs(X509Certificate? certificate, X509Chain? chain)
    {
        if (_authorities.Count == 0 || certificate is not X509Certificate2 signed)
        {
            return false;
        }
        using var ours = new X509Chain();
        ours.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        ours.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        ours.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // What the server sent beside its own: those between it and the authority.
        ours.ChainPolicy.ExtraStore.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        return ours.Build(signed);
    }

    private static bool HasEnded(X509Certificate? certificate) =>
        certificate is X509Certificate2 known && (known.NotAfter < DateTime.Now || known.NotBefore > DateTime.Now);
}
