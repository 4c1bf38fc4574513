using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The built program with settings that are valid, but cannot work on this machine: one line on stderr, exit code 78, and nothing else.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StartFailureTests
{
    private const int WrongConfiguration = 78;
    private const string Prefix = "clawevents-broker: ";

    // RFC 5737: for examples only, so no machine has it.
    private const string ForeignAddress = "192.0.2.1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-start-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase("PORT", "8081", "Reactors")]
    [TestCase("PORT", "8081", "Sockets")]
    [TestCase("InternalPort", "8082", "Reactors")]
    public async Task A_port_that_another_program_has_is_named(string setting, string example, string transport)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        Assert.That(
            await FailAsync((setting, port), ("Transport", transport)),
            Is.EqualTo($"{setting}: cannot listen on 127.0.0.1:{port}: another program listens there. Example: {setting}={example}"));
    }

    [TestCase("CLAW_HOST", "Reactors")]
    [TestCase("CLAW_HOST", "Sockets")]
    [TestCase("InternalHost", "Reactors")]
    public async Task An_address_of_another_machine_is_named(string setting, string transport) => Assert.That(
        await FailAsync((setting, ForeignAddress), ("InternalPort", "0"), ("Transport", transport)),
        Is.EqualTo($"{setting}: cannot listen on {ForeignAddress}:0: this machine does not have that address. Example: {setting}=127.0.0.1"));

    [Test]
    public async Task One_port_for_both_listeners_is_named() => Assert.That(
        await FailAsync(("PORT", "18080"), ("InternalPort", "18080")),
        Is.EqualTo("InternalPort: 18080 is PORT, too. Example: InternalPort=18081"));

    [Test]
    public async Task A_socket_in_a_missing_folder_is_named()
    {
        var path = Path.Combine(_folder.FullName, "missing", "broker.sock");

        Assert.That(await FailAsync(("CLAW_HOST", $"unix:{path}")), Is.EqualTo(
            $"CLAW_HOST: cannot listen on {path}: its folder does not exist. Example: CLAW_HOST=unix:/run/clawevents/broker.sock"));
    }

    [TestCase("Reactors")]
    [TestCase("Sockets")]
    public async Task A_file_in_the_place_of_the_socket_is_named_and_kept(string transport)
    {
        var path = Path.Combine(_folder.FullName, "notes.txt");
        await File.WriteAllTextAsync(path, "precious");

        var fault = await FailAsync(("CLAW_HOST", $"unix:{path}"), ("Transport", transport));

        Assert.That(fault, Does.StartWith($"CLAW_HOST: cannot listen on {path}: another program listens there, or a file is in its place. Example: "));
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("precious"));
    }

    [TestCase("file", "a file is in its place")]
    [TestCase("file/below", "it cannot be made there")]
    public async Task A_data_folder_that_cannot_be_made_is_named(string place, string reason)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "file"), "");
        var folder = Path.Combine(_folder.FullName, place);

        Assert.That(await FailAsync(("CLAW_DATA_DIR", folder)), Is.EqualTo(
            $"CLAW_DATA_DIR: the folder '{folder}' cannot be used: {reason}. Example: CLAW_DATA_DIR=/var/lib/clawevents"));
    }

    [Test]
    public async Task A_data_folder_that_cannot_be_written_is_named()
    {
        // Nobody can make a folder there, not even root.
        var fault = await FailAsync(("CLAW_DATA_DIR", "/sys/clawevents"));

        Assert.That(fault, Does.StartWith("CLAW_DATA_DIR: the folder '/sys/clawevents' cannot be used: ").And.EndsWith(". Example: CLAW_DATA_DIR=/var/lib/clawevents"));
    }

    [Test]
    [Checklist(182)]
    public async Task A_key_of_another_certificate_is_named()
    {
        using var certificate = new RunningCertificate();
        using var other = new RunningCertificate();

        Assert.That(await FailAsync(certificate.CertificateFile, other.KeyFile), Is.EqualTo(
            $"TlsKeyFile: '{other.KeyFile}' is damaged, or is not the key of the certificate in TlsCertificateFile. Example: TlsKeyFile=/etc/clawevents/tls.pem"));
    }

    [Test]
    public async Task A_key_file_without_a_key_is_named()
    {
        using var certificate = new RunningCertificate();

        Assert.That(await FailAsync(certificate.CertificateFile, certificate.CertificateFile), Does.StartWith(
            $"TlsKeyFile: '{certificate.CertificateFile}' contains no private key in PEM form. "));
    }

    [Test]
    public async Task A_certificate_file_without_a_certificate_is_named()
    {
        using var certificate = new RunningCertificate();

        Assert.That(await FailAsync(certificate.KeyFile, certificate.KeyFile), Does.StartWith(
            $"TlsCertificateFile: '{certificate.KeyFile}' contains no certificate in PEM form. "));
    }

    [Test]
    public async Task An_encrypted_key_is_named()
    {
        using var certificate = new RunningCertificate();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(
            certificate.KeyFile, key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));

        Assert.That(await FailAsync(certificate.CertificateFile, certificate.KeyFile), Does.StartWith(
            $"TlsKeyFile: '{certificate.KeyFile}' contains an encrypted key, and the broker has no password for it: "));
    }

    [TestCase(30, "contains a certificate that expired at ")]
    [TestCase(-30, "contains a certificate that is not valid before ")]
    public async Task A_certificate_that_is_not_valid_now_is_named(int ageDays, string reason)
    {
        using var certificate = new RunningCertificate(age: TimeSpan.FromDays(ageDays));

        Assert.That(await FailAsync(certificate.CertificateFile, certificate.KeyFile), Does.StartWith($"TlsCertificateFile: '{certificate.CertificateFile}' {reason}"));
    }

    [TestCase("Logging__LogLevel__ClawEvents", "loud", "Logging:LogLevel:ClawEvents: 'loud' is not one of Trace, Debug, Information, Warning, Error, Critical, None. Example: Logging:LogLevel:ClawEvents=Information")]
    [TestCase("Logging__Console__FormatterName", "xml", "Logging:Console:FormatterName: 'xml' is not one of simple, json, systemd. Example: Logging:Console:FormatterName=json")]
    public async Task A_wrong_setting_of_the_log_is_named(string name, string value, string fault) =>
        Assert.That(await FailAsync((name, value)), Is.EqualTo(fault));

    private Task<string> FailAsync(string certificateFile, string keyFile) => FailAsync(("TlsCertificateFile", certificateFile), ("TlsKeyFile", keyFile));

    // Returns the one line.
    private async Task<string> FailAsync(params (string Name, string Value)[] settings)
    {
        await using var broker = BrokerProgram.Start(_folder.FullName, [], settings);

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await broker.ReadToEndAsync(), Is.Empty);
        var lines = await broker.ReadErrorsAsync();
        Assert.That(lines, Does.StartWith(Prefix).And.EndsWith("\n"));
        Assert.That(lines.Count(character => character == '\n'), Is.EqualTo(1), lines);
        return lines[Prefix.Length..^1];
    }
}
