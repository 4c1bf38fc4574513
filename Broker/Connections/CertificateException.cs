using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Connections;

/// <summary>A file of TLS cannot be used. The message names the setting, the file and what is wrong with it.</summary>
internal sealed class CertificateException(string setting, string path, string reason, Exception? innerException = null)
    : Exception($"{setting}: '{(PemText.IsText(path) ? "(text)" : path)}' {reason}", innerException)
{
    public string Setting => setting;
}
