using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Debian's pebble: an ACME server for tests. It finds every host on this machine, and checks it there.</summary>
internal sealed class RunningPebble : IAsyncDisposable
{
    private const string Program = "/usr/bin/pebble";
    private const string NameServer = "/usr/bin/pebble-challtestsrv";

    private readonly RunningCertificate _certificate = new();
    private readonly TemporaryFolder _folder = new();
    private readonly RunningProcess _names;
    private readonly RunningProcess _server;
    private readonly int _port = FreePort();

    private RunningPebble()
    {
        var names = FreePort();
        var configuration = JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = $"127.0.0.1:{_port}",
                managementListenAddress = $"127.0.0.1:{FreePort()}",
                certificate = _certificate.CertificateFile,
                privateKey = _certificate.KeyFile,
                httpPort = HttpPort,
                tlsPort = TlsPort,
                ocspResponderURL = "",
                externalAccountBindingRequired = false,
            },
        });
        var file = Path.Combine(_folder.Path, "pebble.json");
        File.WriteAllText(file, configuration);
        _names = RunningProcess.Start(NameServer, ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", $"127.0.0.1:{names}", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", $"127.0.0.1:{FreePort()}"], _folder.Path);
        _server = RunningProcess.Start(Program, ["-config", file, "-dnsserver", $"127.0.0.1:{names}", "-strict"], _folder.Path, ("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "20"));
    }

    /// <summary>To which it comes for the challenge over HTTP.</summary>
    public int HttpPort { get; } = FreePort();

    /// <summary>The same over TLS.</summary>
    public int TlsPort { get; } = FreePort();

    public Uri Directory => new($"https://localhost:{_port}/dir");

    /// <summary>Of its own certificate.</summary>
    public string AuthorityFile => _certificate.CertificateFile;

    public static async Task<RunningPebble> StartAsync()
    {
        Assert.That(File.Exists(Program), "apt-get install pebble");
        var pebble = new RunningPebble();
        await Eventually.IsTrueAsync(pebble.AnswersAsync, "pebble does not answer");
        return pebble;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _names.DisposeAsync();
        _certificate.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Below those that the system gives out: another test would take one before it is listened on.
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }
}
