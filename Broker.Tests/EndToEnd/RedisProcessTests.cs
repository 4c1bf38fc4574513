using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The built program with <c>REDIS_URL</c>: its requirements, refusals and messages.</summary>
public sealed class RedisProcessTests
{
    private const int WrongConfiguration = 78;
    private const string Password = "hush:hush@/ ?";
    private const string EncodedPassword = "hush%3Ahush%40%2F%20%3F";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-process-");

    private string DataFolder => Path.Combine(_folder.FullName, "data");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task The_start_message_names_Redis_and_the_data_folder_stays_empty()
    {
        await using var database = RedisDatabase.Take();
        await using var broker = Start(database.Url);

        await broker.ReadLineAsync();

        Assert.That(await broker.ReadLineAsync(), Is.EqualTo($"store:     Redis 127.0.0.1:{SharedRedis.Server.Port}/{database.Number}"));
        Assert.That(Directory.Exists(DataFolder), Is.False);
    }

    [Test]
    public async Task The_broker_does_not_start_without_a_secret()
    {
        await using var broker = Start("redis://127.0.0.1:1", ("JWT_SECRET", ""));

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await broker.ReadErrorsAsync(), Is.EqualTo(
            "clawevents-broker: JWT_SECRET: it is required with REDIS_URL, because all nodes sign with the same secret. Example: JWT_SECRET=$(openssl rand -hex 32)\n"));
    }

    [Test]
    public async Task A_broker_has_the_connections_of_the_client_library_and_one_that_hears()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = Start(redis.Url());
        using var http = await ConnectAsync(broker);
        await http.GetStringAsync(new Uri("/health", UriKind.Relative));

        // The first connections, which only test the password, are closed by then.
        var clients = await Eventually.GetAsync(async () => await ClientsAsync(redis), clients => clients.Length == 3);

        Assert.That(clients, Is.All.Contains(" name=clawevents-broker "));
        Assert.That(
            clients.Select(client => Regex.Match(client, "flags=(\\w+)").Groups[1].Value),
            Is.EquivalentTo(new[] { "N", "N", "PtB" }),
            "for the state, for the channels, and one that is subscribed and told which keys change");
    }

    [Test]
    public async Task A_password_is_used_and_never_shown()
    {
        await using var redis = await RunningRedis.StartAsync("--requirepass", Password);
        await using var broker = Start(redis.Url(userInfo: $":{EncodedPassword}@"));
        using var http = await ConnectAsync(broker);

        Assert.That(await http.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo("""{"ok":true,"store":{"type":"redis","ok":true},"bus":{"ok":true}}"""));
        await redis.KillAsync();
        using var sick = await http.GetAsync(new Uri("/health", UriKind.Relative));
        await broker.TerminateAsync();
        await broker.WaitForExitAsync();

        Assert.That((int)sick.StatusCode, Is.EqualTo(503));
        Assert.That(await broker.ReadToEndAsync() + await broker.ReadErrorsAsync(), Does.Contain("cannot be used now").And.Not.Contains("hush"));
    }

    [TestCase(":wrong-hush@", "WRONGPASS")]
    [TestCase("", "NOAUTH")]
    public async Task A_wrong_password_stops_the_start_and_is_not_shown(string userInfo, string reply)
    {
        await using var redis = await RunningRedis.StartAsync("--requirepass", Password);
        await using var broker = Start(redis.Url(userInfo: userInfo));

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(
            await broker.ReadErrorsAsync(),
            Does.StartWith($"clawevents-broker: REDIS_URL: 127.0.0.1:{redis.Port} refuses: {reply} ").And.Not.Contains("hush"));
    }

    [Test]
    public async Task TLS_is_used_only_with_a_server_whose_certificate_is_trusted()
    {
        using var certificate = new RunningCertificate();
        await using var redis = await RunningRedis.StartAsync(certificate);
        var url = $"rediss://localhost:{redis.Port}";
        await using var broker = Start(url, ("SSL_CERT_FILE", certificate.CertificateFile));
        using var http = await ConnectAsync(broker);
        await using var stranger = Start(url);

        Assert.That(await http.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo("""{"ok":true,"store":{"type":"redis","ok":true},"bus":{"ok":true}}"""));
        Assert.That(await stranger.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await stranger.ReadErrorsAsync(), Does.StartWith($"clawevents-broker: REDIS_URL: localhost:{redis.Port}: its certificate is not accepted"));
    }

    [Test]
    public async Task The_broker_starts_with_a_list_of_servers_a_cluster_and_Sentinels()
    {
        await using var list = new RedisPlace(RedisLayout.TwoServers);
        await using var cluster = new RedisPlace(RedisLayout.Cluster);
        await using var sentinels = await RunningSentinels.StartAsync();
        string[] urls =
        [
            string.Join(',', list.Addresses.Select(address => $"redis://{address}")), $"redis+cluster://{cluster.Addresses[0].Endpoint}",
            $"redis+sentinel://{sentinels.Address.Endpoint}?master={sentinels.Address.MasterName}",
        ];

        foreach (var url in urls)
        {
            await using var broker = Start(url);
            using var http = await ConnectAsync(broker);
            var health = await Eventually.GetAsync(
                async () =>
                {
                    using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
                    return await answer.Content.ReadAsStringAsync();
                },
                answer => answer.StartsWith("""{"ok":true""", StringComparison.Ordinal),
                url);
            Assert.That(health, Is.EqualTo("""{"ok":true,"store":{"type":"redis","ok":true},"bus":{"ok":true}}"""));
        }
    }

    [Test]
    public async Task A_missing_database_stops_the_start()
    {
        await using var broker = Start(SharedRedis.Server.Url(RunningRedis.Databases));

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(WrongConfiguration));
        Assert.That(await broker.ReadErrorsAsync(), Does.Contain("DB index is out of range"));
    }

    [Test]
    public async Task The_broker_stops_while_Redis_is_silent()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = Start(redis.Url());
        using var http = await ConnectAsync(broker);
        await redis.StopAsync();
        using var sick = await http.GetAsync(new Uri("/health", UriKind.Relative));

        await broker.TerminateAsync();

        Assert.That((int)sick.StatusCode, Is.EqualTo(503));
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    // A warning may come before the line with the address: on a busy machine Redis is not there in the first second.
    private static async Task<HttpClient> ConnectAsync(RunningProcess broker)
    {
        while (await broker.ReadLineAsync() is { } line)
        {
            if (Regex.Match(line, @" listening on (http://127\.0\.0\.1:\d+)") is { Success: true } match)
            {
                return new() { BaseAddress = new Uri(match.Groups[1].Value), Timeout = RunningBroker.Patience };
            }
        }

        throw new InvalidOperationException(await broker.ReadErrorsAsync());
    }

    // All but the one that asks.
    private static async Task<string[]> ClientsAsync(RunningRedis redis) =>
        [.. (await redis.AskAsync("CLIENT", "LIST")).ToString().Split('\n').Where(client => client.Length > 0 && !client.Contains(" cmd=client|list ", StringComparison.Ordinal))];

    private RunningProcess Start(string redis, params (string Name, string Value)[] settings) => BrokerProgram.StartBare(
        _folder.FullName,
        [],
        [
            ("PORT", "0"), ("CLAW_HOST", "127.0.0.1"), ("CLAW_DEV_MODE", "true"), ("CLAW_DATA_DIR", DataFolder),
            ("JWT_SECRET", TestToken.Secret), ("REDIS_URL", redis), .. settings,
        ]);
}
