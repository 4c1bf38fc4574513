using ClawEvents.Broker.Acme;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads for which hosts the broker gets certificates itself.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class AcmeOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const string HostsName = "AcmeHosts";
    private const int MaxHosts = 100;
    private const string Folder = "certificates";

    private static readonly AcmeOptions Defaults = new([], "");

    private readonly SettingSource _source = new(configuration, fault);

    /// <param name="dataFolder">Where certificates are kept unless the settings say otherwise.</param>
    /// <returns>Null when there are no hosts.</returns>
    public AcmeOptions? Read(string dataFolder)
    {
        var hosts = Hosts();
        var options = new AcmeOptions(hosts, _source.Text("AcmeFolder") ?? Path.Combine(dataFolder, Folder))
        {
            Directory = Directory(),
            Email = _source.Text("AcmeEmail"),
            ServerName = _source.Text("AcmeServerName")?.ToLowerInvariant(),
            AuthorityFile = _source.Text("AcmeAuthorityFile"),
            HttpHost = _source.Host("AcmeHttpHost") ?? Defaults.HttpHost,
            HttpPort = _source.Text("AcmeHttpPort") is null ? null : _source.Number("AcmeHttpPort", 80, 0, 65535),
        };
        Check(options);
        return hosts.Length == 0 ? null : options;
    }

    private string[] Hosts()
    {
        var hosts = (_source.Text(HostsName) ?? "").ToLowerInvariant().Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var host in hosts.Where(host => Uri.CheckHostName(host) is not UriHostNameType.Dns || !host.Contains('.', StringComparison.Ordinal)))
        {
            fault(HostsName, $"'{host}' is not the name of a host", "broker.example.com");
        }

        if (hosts.Length > MaxHosts)
        {
            fault(HostsName, $"more than {MaxHosts} hosts", "broker.example.com");
        }

        return hosts;
    }

    private Uri Directory()
    {
        var text = _source.Text("AcmeDirectory");
        if (text is null)
        {
            return Defaults.Directory;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
        {
            return address;
        }

        fault("AcmeDirectory", $"'{text}' is not an absolute https address", $"{Defaults.Directory}");
        return Defaults.Directory;
    }

    private void Check(AcmeOptions options)
    {
        if (options.AuthorityFile is { } file)
        {
            TlsFiles.Check("AcmeAuthorityFile", file, fault);
        }

        if (options.Hosts.Count > 0 && _source.Text("TlsCertificateFile") is not null)
        {
            fault(HostsName, "TlsCertificateFile is set, too: a port has one of them", "remove it");
        }

        if (options is { Hosts.Count: > 0, ServerName: { } name } && !options.Hosts.Contains(name))
        {
            fault("AcmeServerName", $"'{name}' is not one of {HostsName}", options.Hosts[0]);
        }
    }
}
