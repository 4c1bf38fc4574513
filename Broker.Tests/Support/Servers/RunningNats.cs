using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A real nats-server with JetStream on a free port of the loopback address.</summary>
internal sealed class RunningNats : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-nats-");
    private readonly string[] _arguments;
    private RunningProcess _process = null!;

    private RunningNats(string[] arguments) => _arguments = arguments;

    public int Port { get; } = RunningRedis.FreePort();

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{Port}");

    /// <param name="arguments">More of its command line.</param>
    public static async Task<RunningNats> StartAsync(params string[] arguments)
    {
        Assert.That(File.Exists("/usr/sbin/nats-server"), Is.True, "nats-server is missing; on Debian: apt-get install -y nats-server");
        var server = new RunningNats(arguments);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>After <see cref="KillAsync"/>, with the same streams.</summary>
    public async Task StartAgainAsync()
    {
        string[] command = ["/usr/sbin/nats-server", "-a", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-js", "-sd", _folder.FullName, .. _arguments];
        _process = RunningProcess.Start("/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", .. command], _folder.FullName);
        while (await _process.ReadLineAsync() is { } line)
        {
            if (line.Contains("Server is ready", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail("nats-server does not start.");
    }

    public async Task KillAsync()
    {
        await _process.KillAsync();
        await _process.DisposeAsync();
    }

    /// <summary>A connection of a test, as an application has it.</summary>
    /// <param name="url">With a user and a password; null: without.</param>
    public NatsConnection Connect(string? url = null) => new(NatsOpts.Default with { Url = url ?? Url });

    /// <summary>Makes a stream of all subjects that begin with its name and a dot.</summary>
    public static async Task MakeStreamAsync(NatsConnection connection, string name) =>
        await new NatsJSContext(connection).CreateStreamAsync(new StreamConfig(name, [$"{name}.>"]));

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
