using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A certificate for localhost that the test signs itself, in two PEM files of the temporary folder.</summary>
internal sealed class RunningCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-tls-");

    /// <param name="isChained">It is signed by one in between, which follows it in its file, and that one by a root, which does not.</param>
    /// <param name="age">How long ago it was made: it is valid from a day before until a day after that.</param>
    public RunningCertificate(bool isChained = false, TimeSpan age = default)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        if (isChained)
        {
            using var root = MakeAuthority("root", issuer: null);
            using var intermediate = MakeAuthority("intermediate", root);
            using var signed = request.Create(intermediate, Yesterday, Tomorrow, RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(CertificateFile, $"{signed.ExportCertificatePem()}\n{intermediate.ExportCertificatePem()}\n");
        }
        else
        {
            using var certificate = request.CreateSelfSigned(Yesterday - age, Tomorrow - age);
            File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        }

        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    private static DateTimeOffset Yesterday => DateTimeOffset.UtcNow.AddDays(-1);

    private static DateTimeOffset Tomorrow => DateTimeOffset.UtcNow.AddDays(1);

    public string CertificateFile => Path.Combine(_folder.FullName, "tls.pem");

    public string KeyFile => Path.Combine(_folder.FullName, "tls.key");

    /// <summary>The settings that have a broker use it.</summary>
    public BrokerOptions Add(BrokerOptions options) => options with { Listeners = options.Listeners with { TlsCertificateFile = CertificateFile, TlsKeyFile = KeyFile } };

    /// <summary>Has a server show it.</summary>
    /// <param name="client">Its callers need this certificate; null: none.</param>
    public void Serve(ListenOptions listen, RunningCertificate? client)
    {
        using var expected = client is null ? null : X509CertificateLoader.LoadCertificateFromFile(client.CertificateFile);
        var thumbprint = expected?.Thumbprint;
        listen.UseHttps(https =>
        {
            https.ServerCertificate = X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
            https.ClientCertificateMode = thumbprint is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == thumbprint;
        });
    }

    private static X509Certificate2 MakeAuthority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (issuer is null)
        {
            return request.CreateSelfSigned(Yesterday.AddHours(-2), Tomorrow.AddHours(2));
        }

        using var signed = request.Create(issuer, Yesterday.AddHours(-1), Tomorrow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
