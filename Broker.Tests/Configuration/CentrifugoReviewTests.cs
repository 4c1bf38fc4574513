using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>Settings of a Centrifugo that this broker does not have: some stop the start, harmless ones do not, and slips are named.</summary>
internal sealed class CentrifugoReviewTests
{
    [TestCase("""{"engine":"tarantool"}""", "engine")]
    [TestCase("""{"engine":{"type":"nats"}}""", "engine.type")]
    [TestCase("""{"broker":"nats","nats_url":"nats://n:4222"}""", "broker")]
    [TestCase("""{"broker":{"enabled":true,"type":"nats"}}""", "broker.type")]
    [TestCase("""{"presence_manager":{"enabled":true,"type":"other"}}""", "presence_manager.type")]
    [TestCase("""{"brokers":[{"name":"a","enabled":true,"type":"redis"}]}""", "brokers.0.type")]
    [TestCase("""{"http_server":{"tls":{"enabled":true,"cert_pem_file":"/a"}}}""", "http_server.tls.cert_pem_file")]
    [TestCase("""{"http_server":{"tls":{"cert_pem":"/a","key_pem":"/b"}}}""", "http_server.tls.cert_pem")]
    [TestCase("""{"tls_cert":"/a","tls_key":"/b"}""", "tls_cert")]
    [TestCase("""{"grpc_api":{"enabled":true,"tls":{"cert_pem":"/a","key_pem":"/b"}}}""", "grpc_api.tls.cert_pem")]
    [TestCase("""{"uni_grpc":{"enabled":true,"tls":{"cert_pem":"/a","key_pem":"/b"}}}""", "uni_grpc.tls.cert_pem")]
    [TestCase("""{"http_server":{"tls_autocert":{"enabled":true}}}""", "http_server.tls_autocert.enabled")]
    [TestCase("""{"tls_autocert":true}""", "tls_autocert")]
    [TestCase("""{"channel":{"without_namespace":{"subscription_types":["map"]}}}""", "channel.without_namespace.subscription_types.0")]
    [TestCase("""{"tls":true,"tls_client_ca_pem":"/ca"}""", "tls_client_ca_pem")]
    [TestCase("""{"webtransport":{"enabled":true}}""", "webtransport.enabled")]
    [TestCase("""{"http_server":{"h2c_external":true}}""", "http_server.h2c_external")]
    [TestCase("""{"controller":{"enabled":true}}""", "controller.enabled")]
    [TestCase("""{"consumers":[{"name":"k","enabled":true,"type":"rabbitmq"}]}""", "consumers.0.name")]
    [TestCase("""{"port":8000,"consumers":[{"name":"k","type":"rabbitmq"}]}""", "consumers.0.name")]
    [TestCase("""{"grpc_api":{"enabled":true,"tls":{"enabled":true,"cert_pem_file":"/a"}}}""", "grpc_api.tls.cert_pem_file")]
    [TestCase("""{"uni_grpc":{"enabled":true,"tls":{"key_pem_b64":"YQ=="}}}""", "uni_grpc.tls.key_pem_b64")]
    [TestCase("""{"proxy_grpc_cert_file":"/ca"}""", "proxy_grpc_cert_file")]
    [TestCase("""{"proxies":[{"name":"a","endpoint":"grpc://a:1","grpc_cert_file":"/ca"}]}""", "proxies.0.grpc_cert_file")]
    [TestCase("""{"client":{"rate_limit":{"client_command":{"enabled":true}}}}""", "client.rate_limit.client_command.enabled")]
    [TestCase("""{"user_block":{"enabled":true}}""", "user_block.enabled")]
    public void A_setting_that_would_open_split_or_deafen_the_fleet_is_one_fault(string json, string name)
    {
        var (refused, accepted) = (Review(json), Review(json, (CentrifugoReview.AcceptName, $"other {name}")));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused.Faults.Single(), Does.StartWith($"{name}: this broker does not read it, and ").And.EndsWith($"IgnoredCentrifugoSettings={name}"));
            Assert.That(accepted.Faults, Is.Empty);
            Assert.That(accepted.Ignored, Does.Contain(name));
            Assert.That(refused.Unknown, Is.Empty);
        }
    }

    [TestCase("""{"engine":{"type":"memory","redis":{"address":"redis:6379"}}}""")]
    [TestCase("""{"engine":"memory","redis_address":"redis:6379"}""")]
    [TestCase("""{"broker":{"enabled":false,"type":"nats"},"presence_manager":{"type":"redis"},"map_broker":{"type":"memory"}}""")]
    [TestCase("""{"http_server":{"tls_autocert":{"enabled":false},"http3":{"enabled":true}}}""")]
    [TestCase("""{"channel":{"namespaces":[{"name":"a","subscription_types":"stream"}]}}""")]
    [TestCase("""{"consumers":[{"name":"k","type":"rabbitmq"}]}""")]
    [TestCase("""{"consumers":[{"name":"k","enabled":false,"type":"rabbitmq"}],"webtransport":{"enabled":false}}""")]
    [TestCase("""{"channel":{"namespaces":[{"name":"a","shared_poll":{"keep_latest_data":true,"notification":{"batch_max_size":5}}}]}}""")]
    [TestCase("""{"channel":{"without_namespace":{"map":{"broker_name":"other","full_state_tick_interval":"50ms"}}}}""")]
    [TestCase("""{"shared_poll":{"notification":{"enabled":true}},"shared_poll_relay":{"enabled":true}}""")]
    [TestCase("""{"http_server":{"tls":{"enabled":false,"cert_pem_file":"/a"}}}""")]
    [TestCase("""{"grpc_api":{"tls":{"cert_pem":"/a","key_pem":"/b"}}}""")]
    [TestCase("""{"admin":{"enabled":true,"password":"p"},"client":{"concurrency":8},"usage_stats":{"disabled":true}}""")]
    public void Settings_that_change_nothing_dangerous_are_ignored(string json)
    {
        var review = Review(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(review.Faults, Is.Empty);
            Assert.That(review.Unknown, Is.Empty);
            Assert.That(review.Ignored, Is.Not.Empty);
        }
    }

    [TestCase("""{"engine":"tarantool"}""")]
    [TestCase("""{"broker":{"enabled":true,"type":"nats"}}""")]
    public void Nodes_that_Redis_joins_need_no_engine(string json)
    {
        var review = Review(json, ("REDIS_URL", "redis://localhost"));

        Assert.That(review.Faults, Is.Empty);
        Assert.That(review.Ignored, Is.Not.Empty);
        Assert.That(Review(json).Faults.Single(), Does.Contain("this node would be alone").And.Contain("REDIS_URL=redis://localhost:6379"));
    }

    [Test]
    public void Variables_and_flags_are_judged_like_the_file()
    {
        var variables = new Dictionary<string, string> { ["CENTRIFUGO_ENGINE_TYPE"] = "tarantool", ["CENTRIFUGO_CONSUMERS"] = "[{}]", ["CENTRIFUGO_CHANNEL_NAMESPACES"] = """[{"name":"a","subscription_types":"map"}]""" };
        var centrifugo = CentrifugoConfiguration.Read(null, variables, new CentrifugoFlags(["--http_server.tls_autocert.enabled", "--broker", "nats"]));

        var faults = new CentrifugoReview(centrifugo, new ConfigurationBuilder().Build()).Faults.Select(fault => fault.Split(": ")[0]);

        Assert.That(faults, Is.EquivalentTo(new[] { "channel.namespaces.0.subscription_types", "engine.type", "CENTRIFUGO_CONSUMERS", "--http_server.tls_autocert.enabled", "--broker" }));
    }

    [TestCase("""{"client":{"alowed_origins":["*"]}}""", "client.alowed_origins: unknown setting; did you mean client.allowed_origins?")]
    [TestCase("""{"tokn_hmac_secret_key":"x"}""", "tokn_hmac_secret_key: unknown setting; did you mean token_hmac_secret_key?")]
    [TestCase("""{"channel":{"namespaces":[{"name":"a","presense":true}]}}""", "channel.namespaces.0.presense: unknown setting; did you mean channel.namespaces.0.presence?")]
    [TestCase("""{"channel":{"without_namespace":{"histroy_size":1}}}""", "channel.without_namespace.histroy_size: unknown setting; did you mean channel.without_namespace.history_size?")]
    [TestCase("""{"channel":{"namespaces":[{"name":"a","map":{"key_tll":"1m"}}]}}""", "channel.namespaces.0.map.key_tll: unknown setting; did you mean channel.namespaces.0.map.key_ttl?")]
    [TestCase("""{"channel":{"namespaces":[{"name":"a","shared_poll":{"refresh_intervall":"1m"}}]}}""", "channel.namespaces.0.shared_poll.refresh_intervall: unknown setting; did you mean channel.namespaces.0.shared_poll.refresh_interval?")]
    [TestCase("""{"colour":"red"}""", "colour: unknown setting")]
    public void An_unknown_name_is_not_called_Centrifugos_and_its_neighbour_is_named(string json, string line)
    {
        var review = Review(json);

        Assert.That((review.Unknown.Single(), review.Ignored.Count, review.Faults.Count), Is.EqualTo((line, 0, 0)));
    }

    [Test]
    public void An_unknown_variable_or_flag_is_named_in_its_own_form()
    {
        var centrifugo = CentrifugoConfiguration.Read(null, new Dictionary<string, string> { ["CENTRIFUGO_HTTP_SERVER_PROT"] = "1" }, new CentrifugoFlags(["--client.insecur"]));

        Assert.That(new CentrifugoReview(centrifugo, new ConfigurationBuilder().Build()).Unknown, Is.EqualTo(new[]
        {
            "CENTRIFUGO_HTTP_SERVER_PROT: unknown setting; did you mean CENTRIFUGO_HTTP_SERVER_PORT?",
            "--client.insecur: unknown setting; did you mean --client.insecure?",
        }));
    }

    [Test]
    public void No_line_shows_a_value()
    {
        var review = Review("""{"engine":"hush","tls_client_ca_pem":"hush","consumers":[{"name":"hush"}],"colour":"hush","admin":{"password":"hush"}}""");

        Assert.That(review.Faults.Concat(review.Unknown).Concat(review.Ignored), Has.None.Contains("hush"));
    }

    private static CentrifugoReview Review(string json, params (string Name, string Value)[] ours)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(path, json);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(ours.Select(one => KeyValuePair.Create<string, string?>(one.Name, one.Value))).Build();
        return new(CentrifugoConfiguration.Read(path, new Dictionary<string, string>(), new CentrifugoFlags([])), configuration);
    }
}
