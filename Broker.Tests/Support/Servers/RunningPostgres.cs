using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A real PostgreSQL on a free port of the loopback address, in a temporary folder. It refuses root, so it runs as the user postgres then.</summary>
internal sealed class RunningPostgres : IAsyncDisposable
{
    private const string User = "postgres";

    private static readonly bool IsRoot = Environment.UserName == "root";

    private static readonly string Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")).LastOrDefault() ?? ""
        : "";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-postgres-");
    private RunningProcess _process = null!;

    public int Port { get; } = RunningRedis.FreePort();

    /// <summary>For the settings of a broker.</summary>
    public string Dsn => string.Create(CultureInfo.InvariantCulture, $"postgres://{User}@127.0.0.1:{Port}/postgres?sslmode=disable");

    /// <summary>Connections of a test, as an application has them.</summary>
    public NpgsqlDataSource Source { get; private set; } = null!;

    public static async Task<RunningPostgres> StartAsync()
    {
        Assert.That(File.Exists(Path.Combine(Programs, "initdb")), Is.True, "PostgreSQL is missing; on Debian: apt-get install -y postgresql");
        var server = new RunningPostgres();
        await server.InitializeAsync();
        server.Source = NpgsqlDataSource.Create(string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={server.Port};Username={User};Database=postgres;SSL Mode=Disable;Timeout=5;Maximum Pool Size=20"));
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>After <see cref="KillAsync"/>, with the same data.</summary>
    public async Task StartAgainAsync()
    {
        _process = RunningProcess.Start(
            "/bin/sh",
            [
                "-c", "exec \"$@\" 2>&1", "sh", .. Command("postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=60", "-c", "logging_collector=off",
            ],
            "/");
        while (await _process.ReadLineAsync() is { } line)
        {
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail("PostgreSQL does not start.");
    }

    /// <summary>Ends it at once, as a loss of power: it recovers when it starts again.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("QUIT");
        await _process.WaitForExitAsync();
        await _process.DisposeAsync();
        Source.Clear();
    }

    /// <summary>Carries out statements.</summary>
    public async Task RunAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The one value of a query.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>An empty outbox.</summary>
    public Task MakeOutboxAsync(string table, string payloadType = "jsonb") => RunAsync(
        $"CREATE TABLE {table} (id bigserial PRIMARY KEY, method text NOT NULL, payload {payloadType} NOT NULL, partition bigint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now())");

    /// <summary>Rows that publish <c>{"n":N}</c>, from 1 on, to the channel of their partition: <c>chat:0</c>, <c>chat:1</c>…</summary>
    public Task PublishAsync(string table, int rows, int partitions = 1) => RunAsync(
        $$"""
        INSERT INTO {{table}} (method, payload, partition)
        SELECT 'publish', jsonb_build_object('channel', 'chat:' || n % {{partitions}}, 'data', jsonb_build_object('n', n)), n % {{partitions}} FROM generate_series(1, {{rows}}) n ORDER BY n
        """);

    public async ValueTask DisposeAsync()
    {
        await (Source?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (_process is { HasExited: false })
        {
            await _process.SignalAsync("INT");
            await _process.WaitForExitAsync();
        }

        await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    private string Data => Path.Combine(_folder.FullName, "data");

    private async Task InitializeAsync()
    {
        if (IsRoot)
        {
            using var change = Process.Start("chown", [User, _folder.FullName]);
            await change.WaitForExitAsync();
        }

        await using var initialization = RunningProcess.Start(
            "/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", .. Command("initdb"), "-D", Data, "-A", "trust", "-U", User, "--no-sync", "-E", "UTF8", "--locale=C"], "/");
        var output = await initialization.ReadToEndAsync(TimeSpan.FromMinutes(2));
        Assert.That(await initialization.WaitForExitAsync(), Is.Zero, output);
    }

    private static string[] Command(string program)
    {
        var path = Path.Combine(Programs, program);
        return IsRoot ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", path] : [path];
    }
}
