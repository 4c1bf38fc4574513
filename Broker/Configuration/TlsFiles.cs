namespace ClawEvents.Broker.Configuration;

/// <summary>Reads settings that name PEM files.</summary>
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

    /// <summary>Reports a path that is not that of a file.</summary>
    public static void Check(string name, string path, Action<string, string, string> fault)
    {
        if (!File.Exists(path))
        {
            // Centrifugo accepts the text itself, which is a secret in the case of the key.
            var isText = path.Length > MaxShownPath || path.AsSpan().ContainsAny('\n', '\r') || path.Contains("-----BEGIN", StringComparison.Ordinal);
            fault(name, isText ? "it has to be the path of a PEM file, not its text" : $"file '{path}' does not exist", "/etc/clawevents/tls.pem");
        }
    }
}
