using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>The Redis of a Centrifugo's configuration becomes REDIS_URL.</summary>
internal sealed class CentrifugoRedisTests
{
    [TestCase("""{"engine":{"type":"redis"}}""", "redis://127.0.0.1:6379")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"redis:6380"}}}""", "redis://redis:6380")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":["a:1","b:2"],"password":"p,w","db":3}}}""", "redis://:p%2Cw@a:1/3,redis://:p%2Cw@b:2/3")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"redis://alice:pw@a:1/2","db":3}}}""", "redis://alice:pw@a:1/2")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"rediss://a:1"}}}""", "rediss://a:1")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"a:1","user":"u@v","password":"p","prefix":"centrifugo"}}}""", "redis://u%40v:p@a:1")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"a:1","prefix":"team-a"}}}""", "redis://a:1?prefix=team-a")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"a:1","tls":{"enabled":true,"server_ca_pem_file":"/etc/ca.pem"}}}}""", "rediss://a:1?ca=%2Fetc%2Fca.pem")]
    [TestCase("""{"engine":{"type":"redis","redis":{"cluster_address":["a:1","b:2"],"db":3}}}""", "redis+cluster://a:1?addr=b%3A2")]
    [TestCase("""{"engine":{"type":"redis","redis":{"cluster_address":"a:1,b:2","password":"p"}}}""", "redis+cluster://:p@a:1?addr=b%3A2")]
    [TestCase("""{"engine":{"type":"redis","redis":{"sentinel_address":["s:1","t:2"],"sentinel_master_name":"m","sentinel_user":"u","sentinel_password":"w&","password":"p","db":1}}}""", "redis+sentinel://:p@s:1/1?master=m&sentinel_user=u&sentinel_password=w%26&addr=t%3A2")]
    [TestCase("""{"broker":{"enabled":true,"type":"redis","redis":{"address":"a:1"}},"engine":{"type":"redis","redis":{"address":"b:2"}}}""", "redis://a:1")]
    [TestCase("""{"broker":{"enabled":false,"type":"redis","redis":{"address":"a:1"}},"engine":{"type":"redis","redis":{"address":"b:2"}}}""", "redis://b:2")]
    [TestCase("""{"presence_manager":{"enabled":true,"type":"redis","redis":{"address":"a:1"}}}""", "redis://a:1")]
    [TestCase("""{"map_broker":{"type":"redis","redis":{"address":"a:1","prefix":"x"}}}""", "redis://a:1?prefix=x")]
    [TestCase("""{"map_broker":{"type":"redis","redis":{"address":"a:1"}},"engine":{"type":"redis","redis":{"address":"b:2"}}}""", "redis://b:2")]
    [TestCase("""{"engine":"redis","redis_address":"a:1","redis_password":"p","redis_db":1,"redis_prefix":"x"}""", "redis://:p@a:1/1?prefix=x")]
    [TestCase("""{"engine":"redis","redis_sentinel_address":"s:1","redis_sentinel_master_name":"m","redis_tls":true}""", "rediss+sentinel://s:1?master=m&sentinel_tls=false")]
    [TestCase("""{"engine":{"type":"redis","redis":{"sentinel_address":"s:1","sentinel_master_name":"m","client_name":"c","tls":{"enabled":true,"server_ca_pem":"/ca","cert_pem":"/a","key_pem":"/b","server_name":"n"},"sentinel_tls":{"enabled":true,"server_ca_pem":"/sca","insecure_skip_verify":true}}}}""", "rediss+sentinel://s:1?master=m&sentinel_ca=%2Fsca&sentinel_insecure=true&ca=%2Fca&cert=%2Fa&key=%2Fb&server_name=n&name=c")]
    [TestCase("""{"engine":"redis","redis_address":"a:1","redis_tls":true,"redis_tls_cert":"/a","redis_tls_key":"/b","redis_tls_insecure_skip_verify":false}""", "rediss://a:1?cert=%2Fa&key=%2Fb&insecure=false")]
    [TestCase("""{"engine":"redis","redis_cluster_address":["a:1"],"redis_tls":true,"redis_tls_root_ca_file":"ca"}""", "rediss+cluster://a:1?ca=ca")]
    [TestCase("""{"engine":{"type":"redis","redis":{"address":"a:1","connect_timeout":"2s","io_timeout":"5s","force_resp2":true}}}""", "redis://a:1?connect_timeout=2s&io_timeout=5s&force_resp2=true")]
    [TestCase("""{"engine":"redis","redis_address":["a:1","b:2"],"redis_connect_timeout":"2s","redis_io_timeout":"0s","redis_force_resp2":false}""", "redis://a:1?connect_timeout=2s&force_resp2=false,redis://b:2?connect_timeout=2s&force_resp2=false")]
    public void Its_form_and_place_are_kept(string json, string url)
    {
        var centrifugo = Read(json);

        Assert.That(centrifugo.Settings["REDIS_URL"], Is.EqualTo(url));
        Assert.That(RedisAddress.TryParseList(url, out _), Is.True);
    }

    [TestCase("""{"engine":{"type":"memory","redis":{"address":"a:1"}}}""")]
    [TestCase("""{"engine":"memory","redis_address":"a:1"}""")]
    [TestCase("""{"broker":{"enabled":true,"type":"nats"},"engine":{"redis":{"address":"a:1"}}}""")]
    public void A_Redis_that_is_not_in_use_is_none(string json) => Assert.That(Read(json).Settings, Does.Not.ContainKey("REDIS_URL"));

    [Test]
    public void Variables_and_flags_name_it_too()
    {
        var centrifugo = CentrifugoConfiguration.Read(
            null,
            new Dictionary<string, string> { ["CENTRIFUGO_ENGINE_REDIS_ADDRESS"] = "a:1 b:2", ["CENTRIFUGO_ENGINE_REDIS_PREFIX"] = "x" },
            new CentrifugoFlags(["--engine.type", "redis"]));

        Assert.That(centrifugo.Settings["REDIS_URL"], Is.EqualTo("redis://a:1?prefix=x,redis://b:2?prefix=x"));
        Assert.That(centrifugo.Leftovers, Is.Empty);
    }

    [Test]
    public void What_is_translated_is_not_reported_as_ignored()
    {
        var centrifugo = Read("""{"engine":{"type":"redis","redis":{"address":["a:1"],"password":"p","history_use_lists":true}}}""");

        Assert.That(centrifugo.Leftovers.Select(setting => setting.Name), Is.EqualTo(["engine.redis.history_use_lists"]));
    }

    private static CentrifugoConfiguration Read(string json)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(file, json);
        return CentrifugoConfiguration.Read(file, new Dictionary<string, string>(), new CentrifugoFlags([]));
    }
}
