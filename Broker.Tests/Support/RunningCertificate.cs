using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A certificate for localhost that the test signs itself, in two PEM files of the temporary folder.</summary>
internal sealed class RunningCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-tls-");

    public RunningCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificateFile => Path.Combine(_folder.FullName, "tls.pem");

    public string KeyFile => Path.Combine(_folder.FullName, "tls.key");

    /// <summary>The settings that have a broker use it.</summary>
    public BrokerOptions Add(BrokerOptions options) => options with { TlsCertificateFile = CertificateFile, TlsKeyFile = KeyFile };

    public void Dispose() => _folder.Delete(recursive: true);
}
