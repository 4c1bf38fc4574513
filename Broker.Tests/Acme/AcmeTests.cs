using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Acme;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Acme;

/// <summary>Certificates from a real server of RFC 8555: Debian's pebble, which checks the broker as Let's Encrypt does.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AcmeTests : IDisposable
{
    private const string Host = "broker.example.com";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_host_gets_a_certificate_and_the_next_start_uses_it([Values] bool isOverHttp)
    {
        await using var pebble = await RunningPebble.StartAsync();
        string first;
        await using (var broker = await StartAsync(pebble, isOverHttp))
        {
            using var certificate = await ShownAsync(broker, Host);
            first = certificate.Thumbprint;
            Assert.That(certificate.MatchesHostname(Host), Is.True);
        }

        await using var again = await StartAsync(pebble, isOverHttp);
        using var same = await ShownAsync(again, Host);

        Assert.That(same.Thumbprint, Is.EqualTo(first));
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public async Task Its_files_are_for_the_owner_alone()
    {
        await using var pebble = await RunningPebble.StartAsync();
        await using var broker = await StartAsync(pebble, isOverHttp: true);
        using var certificate = await ShownAsync(broker, Host);

        var modes = Directory.EnumerateFiles(Folder).Select(file => (Path.GetFileName(file), File.GetUnixFileMode(file)));

        Assert.That(modes, Is.EquivalentTo(new[] { ("account.key", UnixFileMode.UserRead | UnixFileMode.UserWrite), ($"{Host}.pem", UnixFileMode.UserRead | UnixFileMode.UserWrite) }));
    }

    [Test]
    public async Task It_is_renewed_when_a_third_of_its_time_is_left()
    {
        var time = new ManualTimeProvider();
        await using var pebble = await RunningPebble.StartAsync();
        await using var broker = await StartAsync(pebble, isOverHttp: true, time);
        await MakesAsync(time, () => File.Exists(Path.Combine(Folder, $"{Host}.pem")));
        using var first = await ShownAsync(broker, Host);

        time.Advance(first.NotAfter.ToUniversalTime() - ((first.NotAfter - first.NotBefore) * 0.3) - time.GetUtcNow().UtcDateTime);
        await MakesAsync(time, () => !File.ReadAllText(Path.Combine(Folder, $"{Host}.pem")).Contains(first.ExportCertificatePem(), StringComparison.Ordinal));

        await Eventually.IsTrueAsync(() => ShowsAnotherAsync(broker, first), "the certificate is not renewed");
    }

    [Test]
    public async Task Clients_that_name_another_host_or_none_get_that_of_the_settings()
    {
        await using var pebble = await RunningPebble.StartAsync();
        await using var broker = await StartAsync(pebble, isOverHttp: true);
        using var certificate = await ShownAsync(broker, "other.example.com");

        Assert.That(certificate.MatchesHostname(Host), Is.True);
    }

    [Test]
    public async Task The_port_for_challenges_sends_everything_else_to_TLS()
    {
        await using var pebble = await RunningPebble.StartAsync();
        await using var broker = await StartAsync(pebble, isOverHttp: true);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new UriBuilder(broker.Urls[1]) { Scheme = Uri.UriSchemeHttp }.Uri };

        using var page = await http.GetAsync(new Uri("/docs?x=1", UriKind.Relative));
        using var token = await http.GetAsync(new Uri("/.well-known/acme-challenge/none", UriKind.Relative));
        using var secret = await http.GetAsync(new Uri("/.well-known/acme-challenge/account.key", UriKind.Relative));

        Assert.That(((int)page.StatusCode, page.Headers.Location?.OriginalString), Is.EqualTo((302, "https://127.0.0.1/docs?x=1")));
        Assert.That(((int)token.StatusCode, (int)secret.StatusCode), Is.EqualTo((404, 404)));
    }

    private string Folder => Path.Combine(_folder.Path, "certificates");

    private Task<RunningBroker> StartAsync(RunningPebble pebble, bool isOverHttp, TimeProvider? time = null) => RunningBroker.StartAsync(
        options => options with
        {
            Listeners = options.Listeners with
            {
                Port = isOverHttp ? 0 : pebble.TlsPort,
                Acme = new([Host], Folder) { Directory = pebble.Directory, AuthorityFile = pebble.AuthorityFile, Email = "a@example.com", HttpHost = "127.0.0.1", HttpPort = isOverHttp ? pebble.HttpPort : null },
            },
        },
        replace: services =>
        {
            // Only its clock is moved: the broker's own would have to be moved when it stops.
            if (time is not null)
            {
                services.AddSingleton(provider => new AcmeCertificates(
                    provider.GetRequiredService<AcmeOptions>(), provider.GetRequiredService<AcmeChallenges>(), time, provider.GetRequiredService<ILogger<AcmeCertificates>>()));
            }
        });

    // Orders are asked for each second until they are done.
    private static Task<TimeSpan> MakesAsync(ManualTimeProvider time, Func<bool> isMade) => Eventually.IsTrueAsync(() =>
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return isMade();
    });

    private static async Task<bool> ShowsAnotherAsync(RunningBroker broker, X509Certificate2 first)
    {
        using var now = await ShownAsync(broker, Host);
        return now.Thumbprint != first.Thumbprint;
    }

    private static async Task<X509Certificate2> ShownAsync(RunningBroker broker, string host)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Url.Host, broker.Url.Port);
#pragma warning disable CA5359 // Certificates of pebble are trusted by nobody.
        await using var secure = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secure.AuthenticateAsClientAsync(host).WaitAsync(RunningBroker.Patience);
        return X509CertificateLoader.LoadCertificate(secure.RemoteCertificate!.GetRawCertData());
    }
}
