namespace ClawEvents.Broker.Acme;

/// <summary>Certificates that the broker gets itself. docs/how-to/get-certificates.md</summary>
/// <param name="Hosts"><c>AcmeHosts</c>: the names that certificates are asked for, in lower case; one or more. No other name gets one.</param>
/// <param name="Folder"><c>AcmeFolder</c>: keeps the account and the certificates; nodes may share it.</param>
internal sealed record AcmeOptions(IReadOnlyList<string> Hosts, string Folder)
{
    /// <summary><c>AcmeDirectory</c>: where the server of RFC 8555 describes itself.</summary>
    public Uri Directory { get; init; } = new("https://acme-v02.api.letsencrypt.org/directory");

    /// <summary><c>AcmeEmail</c>: to which the server may write; null: to nobody.</summary>
    public string? Email { get; init; }

    /// <summary><c>AcmeServerName</c>: the host whose certificate clients get that name none; null: the first one.</summary>
    public string? ServerName { get; init; }

    /// <summary><c>AcmeAuthorityFile</c>: PEM with the authorities of the server's own certificate; null: the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary><c>AcmeHttpHost</c>: where the challenges over HTTP are answered, in the form of <c>CLAW_HOST</c>.</summary>
    public string HttpHost { get; init; } = "*";

    /// <summary><c>AcmeHttpPort</c>; null: challenges come over the TLS port.</summary>
    public int? HttpPort { get; init; }
}
