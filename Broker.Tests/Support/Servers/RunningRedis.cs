using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A real redis-server on a free port of the loopback address, which keeps nothing on the disk.</summary>
internal sealed class RunningRedis : IAsyncDisposable
{
    /// <summary>The number of its databases. More than a run takes: a number that comes again would lead to the messages of another test.</summary>
    public const int Databases = 4_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-redis-");
    private readonly string[] _arguments;
    private readonly RunningCertificate? _certificate;
    private RunningProcess _process = null!;

    private RunningRedis(RunningCertificate? certificate, string[] arguments) => (_certificate, _arguments) = (certificate, arguments);

    public int Port { get; private set; }

    public RedisEndpoint Endpoint => new("127.0.0.1", Port);

    /// <param name="arguments">More settings, as on its command line.</param>
    public static Task<RunningRedis> StartAsync(params string[] arguments) => StartAsync(null, arguments);

    /// <inheritdoc cref="StartAsync(string[])"/>
    /// <param name="certificate">It speaks TLS only, with this one.</param>
    public static async Task<RunningRedis> StartAsync(RunningCertificate? certificate, params string[] arguments)
    {
        var redis = new RunningRedis(certificate, arguments);
        for (var attempt = 0; ; attempt++)
        {
            redis.Port = FreePort();
            if (await redis.TryStartAsync())
            {
                return redis;
            }

            // Another process took the port before the start.
            Assert.That(attempt, Is.LessThan(10), "redis-server does not start.");
        }
    }

    /// <param name="database">0 to <see cref="Databases"/> - 1.</param>
    /// <param name="userInfo">The part before the host, with its <c>@</c>.</param>
    public string Url(int database = 0, string userInfo = "") =>
        string.Create(CultureInfo.InvariantCulture, $"redis://{userInfo}127.0.0.1:{Port}/{database}");

    public RedisAddress Address(int database = 0) => TestRedis.Address(Url(database));

    /// <summary>Sends a command, like an operator.</summary>
    /// <returns>The answer, which is no error.</returns>
    public Task<RespValue> AskAsync(params string[] command) => TestRedis.AskAsync(Endpoint, Password, command);

    /// <summary>A connection that writes and reads keys as the old API or an operator would.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { AllowAdmin = true, AbortOnConnectFail = false };
        options.EndPoints.Add("127.0.0.1", Port);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>Waits until its replica has everything.</summary>
    public Task AwaitReplicationAsync() => Eventually.IsTrueAsync(
        async () =>
        {
            var lines = (await AskAsync("INFO", "replication")).ToString().Split("\r\n");
            var offset = lines.Single(line => line.StartsWith("master_repl_offset:", StringComparison.Ordinal)).Split(':')[1];
            return lines.Any(line => line.StartsWith("slave0:", StringComparison.Ordinal) && line.Contains($",offset={offset},", StringComparison.Ordinal));
        },
        "the replica stays behind");

    /// <summary>Sends SIGKILL; clients are refused.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>After <see cref="KillAsync"/>, on the same port and empty.</summary>
    public async Task StartAgainAsync()
    {
        await _process.DisposeAsync();
        Assert.That(await TryStartAsync(), Is.True);
    }

    /// <summary>Makes it silent: the system accepts connections, and nothing is answered.</summary>
    public Task StopAsync() => _process.SignalAsync("STOP");

    /// <summary>After <see cref="StopAsync"/>: it continues.</summary>
    public Task ContinueAsync() => _process.SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string? Password => _arguments is [.., "--requirepass", var password] ? password : null;

    /// <summary>A port that is free at the moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private string[] PortArguments(string port) => _certificate is null
        ? ["--port", port]
        : [
            "--port", "0", "--tls-port", port, "--tls-auth-clients", "no",
            "--tls-cert-file", _certificate.CertificateFile, "--tls-key-file", _certificate.KeyFile,
        ];

    private async Task<bool> TryStartAsync()
    {
        try
        {
            _process = RunningProcess.Start(
                "redis-server",
                [
                    .. PortArguments(Port.ToString(CultureInfo.InvariantCulture)), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                    "--databases", Databases.ToString(CultureInfo.InvariantCulture), .. _arguments,
                ],
                _folder.FullName);
        }
        catch (Win32Exception)
        {
            Assert.Fail("redis-server is missing; on Debian: apt-get install -y redis-server");
        }

        while (await _process.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                return true;
            }
        }

        await _process.DisposeAsync();
        return false;
    }
}
