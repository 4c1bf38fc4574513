using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads settings that name PEM files, or hold their text.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class TlsFiles(SettingSource source, Action<string, string, string> fault)
{
    private const int MaxShownPath = 255;

    /// <param name="name">The setting.</param>
    /// <param name="other">The setting without which it means nothing.</param>
    public string? Read(string name, string other)
    {
        var path = source.Text(name);
        if (path is null && source.Text(other) is not null)
        {
            fault(name, $"it is missing, but {other} is set", "/etc/clawevents/tls.pem");
        }
        else if (path is not null)
        {
            Check(name, path, fault);
        }

        return path;
    }

    /// <summary>All settings of a port.</summary>
    /// <param name="prefix">Begins their names.</param>
    /// <returns>Null without a certificate.</returns>
    public ServerTls? Read(string prefix)
    {
        var (certificate, key) = ($"{prefix}TlsCertificateFile", $"{prefix}TlsKeyFile");
        var (own, ownKey, authorities) = (Read(certificate, key), Read(key, certificate), ReadClientAuthorities(prefix));
        return own is null || ownKey is null ? null : new(prefix, own, ownKey, authorities);
    }

    /// <summary>The authorities of clients of a port, which mean nothing without its certificate.</summary>
    public string? ReadClientAuthorities(string prefix)
    {
        var name = $"{prefix}TlsClientAuthorityFile";
        var file = source.Text(name);
        if (file is not null)
        {
            Check(name, file, fault);
        }

        if (file is not null && source.Text($"{prefix}TlsCertificateFile") is null)
        {
            fault($"{prefix}TlsCertificateFile", $"it is missing, but {name} is set", "/etc/clawevents/tls.pem");
        }

        return file;
    }

    /// <summary>Reports a value that is neither PEM nor the path of a file. It may be a damaged key, so a long one is not shown.</summary>
    public static void Check(string name, string value, Action<string, string, string> fault)
    {
        if (!PemText.IsText(value) && !File.Exists(value))
        {
            fault(name, value.Length > MaxShownPath || value.AsSpan().ContainsAny('\n', '\r') ? "it is neither the path of a PEM file nor PEM" : $"file '{value}' does not exist", "/etc/clawevents/tls.pem");
        }
    }
}
