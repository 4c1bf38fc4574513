using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Files;

namespace ClawEvents.Broker.Doctor;

/// <summary>Checks the certificate and key of the settings as the broker would read them.</summary>
internal static class CertificateChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static IEnumerable<Finding> Run(ListenerOptions options, DateTimeOffset now)
    {
        if (options.TlsCertificateFile is not { } file || options.TlsKeyFile is not { } keyFile)
        {
            yield break;
        }

        yield return Certificate(file, keyFile, now);
        if (SecretFile.IsOpenToOthers(keyFile))
        {
            yield return Finding.Warning("certificate-key", $"other users may have access to {keyFile}", $"chmod 0600 {keyFile}");
        }
    }

    /// <param name="check">The name of the check.</param>
    /// <param name="notAfter">The end of a certificate that is valid now.</param>
    public static Finding Expiry(string check, string subject, DateTimeOffset notAfter, DateTimeOffset now)
    {
        var left = notAfter - now;
        var text = $"{subject} is valid until {notAfter.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}";
        return left < Soon ? Finding.Warning(check, $"{text}, {Math.Max(0, (int)left.TotalDays)} more days", "renew it; SIGHUP makes the broker take over new files") : Finding.Ok(check, text);
    }

    private static Finding Certificate(string file, string keyFile, DateTimeOffset now)
    {
        const string check = "certificate";
        try
        {
            var (own, _) = CertificateFiles.Read(file, keyFile, now);
            return Expiry(check, file, own.NotAfter, now);
        }
        catch (CertificateException exception)
        {
            return Finding.Fault(check, exception.Message, $"correct {exception.Setting} or its file; the broker does not start with it");
        }
    }
}
