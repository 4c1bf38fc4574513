using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Cli.Http;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built client with servers to which no connection can be made until somebody changes something.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectFaultProcessTests : IDisposable
{
    private const string Nowhere = "http://no-such-host.invalid";

    private const string KeepTrying = "  → Keep trying all the same: --retry\n";

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("sub c", "Cannot connect to ws://no-such-host.invalid/connection/websocket")]
    [TestCase("subexec c -- true", "Cannot connect to ws://no-such-host.invalid/connection/websocket")]
    [TestCase("locks bob", "Cannot reach http://no-such-host.invalid")]
    [CancelAfter(30_000)]
    public async Task A_host_that_cannot_be_resolved_is_an_error(string line, string error, CancellationToken cancellation)
    {
        var result = await RunAsync(Nowhere, line, cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Match(
            $"^✗ Error: {error}: DNS error, (there is no host named no-such-host.invalid|the name no-such-host.invalid cannot be looked up)\nHow to fix:\n  → Check the server's address: claw.events config\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task Retry_keeps_trying_and_reports_the_reason_once(CancellationToken cancellation)
    {
        using var process = CliProcess.Start(_home, ["-s", Nowhere, "sub", "--retry", "--verbose", "c"]);
        await process.WaitForErrorAsync("; trying again\nConnecting to WebSocket...\nConnecting to WebSocket...\n", cancellation);

        await process.SignalAsync("TERM", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result.ExitCode, Is.EqualTo(143));
        Assert.That(result.Error.Split("trying again"), Has.Length.EqualTo(2));
    }

    [TestCase("SSH-2.0-OpenSSH_9.2\r\n", "what answers does not speak HTTP")]
    [TestCase("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "it answers with status 404 instead of a WebSocket")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "it answers with status 200 instead of a WebSocket")]
    [CancelAfter(30_000)]
    public async Task A_port_that_speaks_something_else_ends_the_stream(string answer, string reason, CancellationToken cancellation)
    {
        using var stranger = new RunningStranger(answer);

        var result = await RunAsync($"http://{stranger.Address}", "sub c", cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Cannot connect to ws://{stranger.Address}/connection/websocket: {reason}\nHow to fix:\n  → ")
            .And.EndsWith(KeepTrying));
    }

    [TestCase("sub c")]
    [TestCase("locks bob")]
    [CancelAfter(30_000)]
    public async Task A_port_without_tls_is_named(string line, CancellationToken cancellation)
    {
        using var stranger = new RunningStranger("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

        var result = await RunAsync($"https://{stranger.Address}", line, cancellation);

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain(": it does not speak TLS, or no version of it that this machine allows\nHow to fix:\n  → Check the port\n"));
    }

    [TestCase("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "it answers with status 503; trying again")]
    [TestCase("", "the connection was closed without an answer; trying again")]
    [CancelAfter(30_000)]
    public async Task A_server_that_is_away_is_waited_for(string answer, string reason, CancellationToken cancellation)
    {
        using var stranger = new RunningStranger(answer);
        using var process = CliProcess.Start(_home, ["-s", $"http://{stranger.Address}", "sub", "c"]);

        await process.WaitForErrorAsync(reason, cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_certificate_that_is_not_trusted_is_an_error_until_its_authority_is_named(CancellationToken cancellation)
    {
        using var certificate = new RunningCertificate();
        await using var broker = await CliBroker.StartAsync(change: certificate.Add);
        var url = $"https://localhost:{broker.Port}";

        var sub = await RunAsync(url, "sub public.news", cancellation);
        var locks = await RunAsync(url, "locks bob", cancellation);
        var trusted = await RunAsync(url, $"--ca {certificate.CertificateFile} locks bob", cancellation);
        using var process = CliProcess.Start(_home, ["-s", url, "--ca", certificate.CertificateFile, "sub", "--verbose", "public.news"]);
        await process.WaitForErrorAsync("Subscribed to public.news\n", cancellation);
        _home.Variables["SSL_CERT_FILE"] = certificate.CertificateFile;
        var byVariable = await RunAsync(url, "locks bob", cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(sub.ExitCode, Is.EqualTo(1));
            Assert.That(sub.Error, Is.EqualTo($"""
                ✗ Error: Cannot connect to wss://localhost:{broker.Port}/connection/websocket: its certificate is not signed by an authority that this machine trusts
                How to fix:
                  → Trust its authority for this command: --ca <file.pem>
                  → Or for all programs: SSL_CERT_FILE=<file.pem>
                  → Or use the name that the certificate is for
                  → Keep trying all the same: --retry

                """));
            Assert.That(locks.Error, Does.StartWith($"✗ Error: Cannot reach {url}: its certificate is not signed by an authority that this machine trusts\n"));
            Assert.That((trusted.ExitCode, trusted.Error), Is.EqualTo((0, "")));
            Assert.That((byVariable.ExitCode, byVariable.Error), Is.EqualTo((0, "")));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_certificate_of_another_name_is_an_error_though_its_authority_is_trusted(CancellationToken cancellation)
    {
        using var certificate = new RunningCertificate();
        await using var broker = await CliBroker.StartAsync(change: certificate.Add);

        var result = await RunAsync($"https://127.0.0.1:{broker.Port}", $"--ca {certificate.CertificateFile} locks bob", cancellation);

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain(": its certificate is for another name\n"));
    }

    [Test]
    public void A_certificate_that_has_ended_is_told_apart()
    {
        using var old = new RunningCertificate(age: TimeSpan.FromDays(30));
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(old.CertificateFile);
        var trust = new CertificateTrust(old.CertificateFile);

        Assert.That(trust.Accepts(null, certificate, null, SslPolicyErrors.RemoteCertificateChainErrors), Is.False);
        Assert.That(trust.Problem, Is.EqualTo("its certificate has expired, or is not valid yet"));
    }

    [TestCase("/nowhere.pem", "it does not exist")]
    [TestCase("/etc/hostname", "it contains no certificate")]
    [CancelAfter(30_000)]
    public async Task A_file_without_authorities_is_an_error(string file, string reason, CancellationToken cancellation)
    {
        foreach (var line in new[] { "locks bob", "sub c", "bench pub --count 1" })
        {
            var result = await RunAsync("http://127.0.0.1:9", $"--ca {file} {line}", cancellation);

            Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
            Assert.That(result.Error, Does.StartWith($"✗ Error: Cannot use the authorities in {file}: {reason}\n"));
        }
    }

    private Task<CliResult> RunAsync(string server, string line, CancellationToken cancellation) =>
        CliProcess.RunAsync(_home, cancellation, ["-s", server, .. line.Split(' ')]);
}
