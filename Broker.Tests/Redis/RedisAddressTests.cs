using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Tests.Redis;

internal sealed class RedisAddressTests
{
    [TestCase("redis://localhost", "localhost", 6379, 0, null, false)]
    [TestCase("redis://localhost/", "localhost", 6379, 0, null, false)]
    [TestCase("redis://10.0.0.7:6380/3", "10.0.0.7", 6380, 3, null, false)]
    [TestCase("redis://:pass@localhost", "localhost", 6379, 0, "pass", false)]
    [TestCase("redis://default:p%40ss%2F%3A@localhost/9999", "localhost", 6379, 9999, "p@ss/:", false)]
    [TestCase("rediss://redis.example:6390", "redis.example", 6390, 0, null, true)]
    [TestCase("redis://[::1]:6379", "::1", 6379, 0, null, false)]
    public void An_address_is_read_as_other_tools_read_it(string url, string host, int port, int database, string? password, bool usesTls)
    {
        var isAddress = RedisAddress.TryParse(url, out var address);

        Assert.That(isAddress, Is.True);
        Assert.That(
            (address!.Endpoint.Host, address.Endpoint.Port, address.Database, address.Password, address.UsesTls),
            Is.EqualTo((host, port, database, password, usesTls)));
    }

    [TestCase("redis://:pw@a", null, null)]
    [TestCase("redis://default:pw@a", "default", null)]
    [TestCase("redis://al%3Aice:pw@a", "al:ice", null)]
    [TestCase("redis+sentinel://alice:pw@s?master=m&sentinel_user=bob&sentinel_password=pw", "alice", "bob")]
    public void A_user_may_precede_the_password(string url, string? user, string? sentinelUser)
    {
        var isAddress = RedisAddress.TryParse(url, out var address);

        Assert.That(isAddress, Is.True);
        Assert.That((address!.User, address.SentinelUser), Is.EqualTo((user, sentinelUser)));
    }

    [TestCase("redis+sentinel://s1?master=mymaster", RedisKind.Sentinel, "s1:26379", "mymaster", null)]
    [TestCase("redis+sentinel://:pw@s1:1/3?master=m&addr=s2:2&addr=[::1]:3&sentinel_password=p%26w", RedisKind.Sentinel, "s1:1 s2:2 [::1]:3", "m", "p&w")]
    [TestCase("rediss+cluster://:pw@n1:7000?addr=n2:7001", RedisKind.Cluster, "n1:7000 n2:7001", "", null)]
    [TestCase("redis+cluster://n1", RedisKind.Cluster, "n1:6379", "", null)]
    public void Sentinels_and_clusters_have_schemes_of_their_own(string url, RedisKind kind, string endpoints, string master, string? sentinelPassword)
    {
        var isAddress = RedisAddress.TryParse(url, out var address);

        Assert.That(isAddress, Is.True);
        Assert.That(
            (address!.Kind, string.Join(' ', address.Endpoints), address.MasterName, address.SentinelPassword, address.UsesTls),
            Is.EqualTo((kind, endpoints, master, sentinelPassword, url.StartsWith("rediss", StringComparison.Ordinal))));
    }

    [TestCase("redis://a/3?prefix=team-a", "team-a:")]
    [TestCase("redis+cluster://a?addr=b:1&prefix=x.y:z_1", "x.y:z_1:")]
    [TestCase("redis+sentinel://a?master=m&ca=%2Fca.pem", "")]
    public void A_prefix_and_authorities_belong_to_every_kind(string url, string prefix)
    {
        Assert.That(RedisAddress.TryParse(url, out var address), Is.True);
        Assert.That(address!.KeyPrefix, Is.EqualTo(prefix));
    }

    [TestCase("redis://a", 1.5, 1.5, false)]
    [TestCase("redis://a?connect_timeout=3s&io_timeout=1m", 3, 60, false)]
    [TestCase("redis+cluster://a?io_timeout=1s&force_resp2=true", 1.5, 1, true)]
    [TestCase("redis+sentinel://a?master=m&connect_timeout=1500ms&force_resp2=false", 1.5, 1.5, false)]
    public void Time_limits_and_the_version_of_the_protocol_belong_to_every_kind(string url, double connect, double answer, bool forcesResp2)
    {
        Assert.That(RedisAddress.TryParse(url, out var address), Is.True);
        Assert.That((address!.ConnectLimit.TotalSeconds, address.AnswerLimit.TotalSeconds, address.ForcesResp2), Is.EqualTo((connect, answer, forcesResp2)));
    }

    [TestCase("redis://a?io_timeout=")]
    [TestCase("redis://a?io_timeout=999ms")]
    [TestCase("redis://a?connect_timeout=61s")]
    [TestCase("redis://a?connect_timeout=3")]
    [TestCase("redis://a?force_resp2=yes")]
    [TestCase("redis://a?prefix=")]
    [TestCase("redis://a?prefix={x}")]
    [TestCase("redis://a?prefix=x*")]
    [TestCase("redis://a?ca=")]
    [TestCase("redis+sentinel://s1")]
    [TestCase("redis+sentinel://s1?master=")]
    [TestCase("redis+sentinel://s1?master=m&sentinel_user=bob")]
    [TestCase("redis://alice@localhost")]
    [TestCase("redis://alice:@localhost")]
    [TestCase("redis://localhost?addr=other:1")]
    [TestCase("redis://localhost?master=m")]
    [TestCase("redis+cluster://n1?master=m")]
    [TestCase("redis+cluster://n1/3")]
    [TestCase("redis+cluster://n1?addr=n2")]
    [TestCase("redis+cluster://n1?addr=n2:0")]
    [TestCase("redis+cluster://n1?addr=n2:1/x")]
    [TestCase("redis+unix://x")]
    [TestCase("http://localhost")]
    public void An_invalid_address_is_rejected(string url) => Assert.That(RedisAddress.TryParse(url, out _), Is.False);

    [TestCase("redis://a", "a:6379/0")]
    [TestCase("redis://a, rediss://b:1/2", "a:6379/0 b:1/2")]
    [TestCase("redis://a,redis+sentinel://s?master=m", "a:6379/0 m of s:26379/0")]
    [TestCase("redis+cluster://c", "cluster of c:6379")]
    public void A_list_is_several_servers(string text, string addresses)
    {
        Assert.That(RedisAddress.TryParseList(text, out var list), Is.True);
        Assert.That(string.Join(' ', list), Is.EqualTo(addresses));
    }

    [TestCase("")]
    [TestCase("redis://a,")]
    [TestCase("redis://a;redis://b c")]
    [TestCase("redis://a,redis+cluster://c")]
    public void A_list_with_an_invalid_entry_is_rejected(string text) => Assert.That(RedisAddress.TryParseList(text, out _), Is.False);

    [TestCase("redis://:hush@localhost/2", "localhost:6379/2")]
    [TestCase("redis+sentinel://:hush@s1/2?master=m&sentinel_password=hush", "m of s1:26379/2")]
    [TestCase("redis://default:hush@[::1]:7000", "[::1]:7000/0")]
    public void The_text_of_an_address_does_not_contain_the_password(string url, string text)
    {
        var isAddress = RedisAddress.TryParse(url, out var address);

        Assert.That(isAddress, Is.True);
        Assert.That(address!.ToString(), Is.EqualTo(text));
        Assert.That(new BrokerOptions { State = new() { Redis = [address] } }.ToString(), Does.Not.Contain("hush"));
    }
}
