using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A Centrifugo's configuration with Redis as its engine, started as several programs without any other setting but the port.</summary>
public sealed class CentrifugoFleetTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-fleet-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase(false)]
    [TestCase(true)]
    public async Task Its_nodes_deliver_to_each_other_and_not_to_a_fleet_of_another_prefix(bool isFlat)
    {
        await using var database = RedisDatabase.Take();
        await using var here = Start(database, "a", isFlat);
        await using var there = Start(database, "a", isFlat);
        await using var stranger = Start(database, "b", isFlat);
        var (hereUrl, thereUrl, strangerUrl) = (await here.ReadUrlAsync(), await there.ReadUrlAsync(), await stranger.ReadUrlAsync());
        await using var client = await SubscribeAsync(thereUrl);
        await using var other = await SubscribeAsync(strangerUrl);

        await PublishAsync(hereUrl, "1");
        var received = await client.ReadPublicationAsync();
        await PublishAsync(thereUrl, "2");
        await PublishAsync(strangerUrl, "3");

        Assert.That((received, await client.ReadPublicationAsync(), await other.ReadPublicationAsync()), Is.EqualTo(("1", "2", "3")));
        var keys = await database.ListAsync();
        Assert.That(keys, Has.Some.EqualTo("a:clawevents:stream:{channel:chat:x}"));
        Assert.That(keys, Has.Some.EqualTo("b:clawevents:stream:{channel:chat:x}"));
        Assert.That(keys, Has.All.Match("^[ab]:"));
    }

    private RunningProcess Start(RedisDatabase database, string prefix, bool isFlat)
    {
        var redis = SharedRedis.Server.Endpoint;
        const string Options = "\"allow_subscribe_for_client\": true, \"allow_subscribe_for_anonymous\": true, \"history_size\": 10, \"history_ttl\": \"60s\"";
        var json = isFlat
            ? $$"""
              {
                "engine": "redis", "redis_address": "{{redis}}", "redis_db": {{database.Number}}, "redis_prefix": "{{prefix}}",
                "token_hmac_secret_key": "a secret for tests, long enough for HS256", "api_key": "{{RunningBroker.Key}}",
                "allow_anonymous_connect_without_token": true, "address": "127.0.0.1",
                "namespaces": [{ "name": "chat", {{Options}} }]
              }
              """
            : $$"""
              {
                "engine": { "type": "redis", "redis": { "address": ["redis://{{redis}}"], "db": {{database.Number}}, "prefix": "{{prefix}}" } },
                "client": { "token": { "hmac_secret_key": "a secret for tests, long enough for HS256" }, "allow_anonymous_connect_without_token": true },
                "http_api": { "key": "{{RunningBroker.Key}}" }, "http_server": { "address": "127.0.0.1" },
                "channel": { "namespaces": [{ "name": "chat", {{Options}} }] }
              }
              """;
        var file = Path.Combine(_folder.FullName, $"{prefix}.json");
        File.WriteAllText(file, json);
        return BrokerProgram.StartBare(_folder.FullName, ["--config", file, "-p", "0"]);
    }

    private static async Task<RunningWebSocket> SubscribeAsync(Uri url)
    {
        var socket = new Uri(url, "/connection/websocket");
        var client = await RunningWebSocket.OpenAsync(socket);
        await client.UpgradeAsync(socket);
        await client.AskAsync("""{"id":1,"connect":{}}""");
        await client.SubscribeAsync("chat:x");
        return client;
    }

    private static async Task PublishAsync(Uri url, string data)
    {
        using var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("X-API-Key", RunningBroker.Key);
        using var body = new StringContent($$"""{"channel":"chat:x","data":{{data}}}""");
        using var answer = await http.PostAsync(new Uri("/api/publish", UriKind.Relative), body);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"result\""));
    }
}
