using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Connections;

/// <summary>Reads a certificate, its chain and its key from PEM files, or from settings with their text, and says what is wrong with them.</summary>
internal static class CertificateFiles
{
    private const string CertificateSetting = "TlsCertificateFile";
    private const string KeySetting = "TlsKeyFile";
    private const string EncryptedMark = "ENCRYPTED";
    private const string KeyMark = "PRIVATE KEY-----";

    /// <returns>The certificate with its key, and all certificates of its file.</returns>
    /// <param name="now">It has to be valid at this time.</param>
    /// <param name="prefix">Before the names of the settings in an exception.</param>
    /// <exception cref="CertificateException">A file cannot be read, is invalid or does not belong to the other, or the certificate is not valid now.</exception>
    public static (X509Certificate2 Own, X509Certificate2Collection All) Read(string certificateFile, string keyFile, DateTimeOffset now, string prefix = "")
    {
        var (setting, keySetting) = (prefix + CertificateSetting, prefix + KeySetting);
        var all = ReadCertificates(setting, certificateFile);
        var own = ReadOwn(setting, certificateFile, keySetting, keyFile);
        CheckValidity(own, setting, certificateFile, now);
        return (own, all);
    }

    /// <param name="setting">Its name, for an exception.</param>
    /// <exception cref="CertificateException">The file cannot be read, or holds no certificate.</exception>
    public static X509Certificate2Collection ReadCertificates(string setting, string file)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(ReadText(setting, file));
        }
        catch (CryptographicException exception)
        {
            throw new CertificateException(setting, file, "contains a damaged certificate", exception);
        }

        return all.Count > 0 ? all : throw new CertificateException(setting, file, "contains no certificate in PEM form");
    }

    private static X509Certificate2 ReadOwn(string setting, string certificateFile, string keySetting, string keyFile)
    {
        var key = ReadText(keySetting, keyFile);
        if (!key.Contains(KeyMark, StringComparison.Ordinal))
        {
            throw new CertificateException(keySetting, keyFile, "contains no private key in PEM form");
        }

        if (key.Contains(EncryptedMark, StringComparison.Ordinal))
        {
            throw new CertificateException(keySetting, keyFile, "contains an encrypted key, and the broker has no password for it: write the key unencrypted (openssl pkey), readable only by the broker's user");
        }

        try
        {
            return X509Certificate2.CreateFromPem(ReadText(setting, certificateFile), key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // A key of another certificate is reported as an ArgumentException.
            throw new CertificateException(keySetting, keyFile, $"is damaged, or is not the key of the certificate in {setting}", exception);
        }
    }

    private static void CheckValidity(X509Certificate2 certificate, string setting, string file, DateTimeOffset now)
    {
        if (now > certificate.NotAfter)
        {
            throw new CertificateException(setting, file, $"contains a certificate that expired at {certificate.NotAfter.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}: renew it");
        }

        if (now < certificate.NotBefore)
        {
            throw new CertificateException(setting, file, $"contains a certificate that is not valid before {certificate.NotBefore.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}: check the clock of this machine");
        }
    }

    private static string ReadText(string setting, string file)
    {
        try
        {
            return PemText.Read(file);
        }
        catch (FileNotFoundException exception)
        {
            throw new CertificateException(setting, file, "does not exist", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(setting, file, "cannot be read by the broker's user", exception);
        }
    }
}
