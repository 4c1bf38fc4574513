using System.Net.Sockets;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A broker on a Unix socket, as behind a proxy on the same machine. docs/how-to/run-in-production.md</summary>
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UnixSocketTests : IDisposable
{
    // A second's rate may come ten times in a burst.
    private const int Burst = 10;

    private readonly TemporaryFolder _folder = new();

    private string SocketPath => Path.Combine(_folder.Path, "broker.sock");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task The_start_message_names_the_socket_and_the_stop_removes_it()
    {
        await using var broker = Start();

        Assert.That(await broker.ReadLineAsync(), Is.EqualTo($"clawevents-broker {BrokerVersion.Number} listening on unix:{SocketPath}"));
        Assert.That(await broker.ReadLineAsync(), Does.StartWith("store:"));
        await broker.TerminateAsync();

        Assert.That(await broker.ReadToEndAsync(), Does.Not.Contain("publish:"), "clients use the address of the proxy");
        Assert.That(File.Exists(SocketPath), Is.False);
    }

    [Test]
    public async Task Requests_and_upgrades_are_answered_over_the_socket()
    {
        await using var broker = Start(("AccessLog", "true"));
        await broker.ReadLineAsync();

        Assert.That(await StatusAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"), Is.EqualTo("HTTP/1.1 200 OK"));
        Assert.That(await UpgradeAsync("203.0.113.7"), Is.EqualTo("HTTP/1.1 101 Switching Protocols"));
        Assert.That(await broker.ReadLineWithAsync("GET /connection/websocket"), Does.Contain(" unix - "));
    }

    [Test]
    public async Task Clients_of_a_trusted_proxy_are_limited_by_their_own_addresses()
    {
        await using var broker = Start(("TrustedProxies", "unix"), ("ConnectionsPerSecondPerAddress", "1"));
        await broker.ReadLineAsync();
        var answers = new List<string>();

        while (answers.Count <= 10 * Burst && !answers.Contains("HTTP/1.1 429 Too Many Requests"))
        {
            answers.Add(await UpgradeAsync("203.0.113.7"));
        }

        Assert.That(answers, Has.Count.GreaterThan(Burst));
        Assert.That(answers[^1], Is.EqualTo("HTTP/1.1 429 Too Many Requests"));
        Assert.That(await UpgradeAsync("203.0.113.8"), Is.EqualTo("HTTP/1.1 101 Switching Protocols"));
    }

    [Test]
    public async Task The_internal_port_is_on_localhost()
    {
        await using var broker = Start(("InternalPort", "0"), ("Metrics", "true"));
        using var http = new HttpClient();

        var metrics = await http.GetStringAsync(new Uri(await broker.ReadUrlAsync(), "/metrics"));

        Assert.That(metrics, Does.Contain("clawevents_reactor_faults_total{} 0"));
        Assert.That(await StatusAsync("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), Is.EqualTo("HTTP/1.1 404 Not Found"));
    }

    private Task<string> UpgradeAsync(string client) => StatusAsync(
        $"GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    // The first line of the answer.
    private async Task<string> StatusAsync(string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await socket.SendAsync(request.Utf8());
        using var reader = new StreamReader(new NetworkStream(socket));
        return await reader.ReadLineAsync() ?? "";
    }

    private RunningProcess Start(params (string Name, string Value)[] settings) =>
        BrokerProgram.Start(_folder.Path, [], [("CLAW_HOST", $"unix:{SocketPath}"), .. settings]);
}
