using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>The queues of a Centrifugo's configuration become Consumers.</summary>
internal sealed class CentrifugoConsumersTests
{
    private const string Outbox = """{"consumers":[{"name":"orders","enabled":true,"type":"postgresql","postgresql":{"dsn":"postgres://u:p@db/shop","outbox_table_name":"outbox","num_partitions":2,"partition_select_limit":50,"partition_poll_interval":"1s","partition_notification_channel":"wake","use_try_lock":true,"tls":{"enabled":true,"server_ca_pem_file":"/ca"}}}]}""";

    [Test]
    public void An_outbox_keeps_its_options()
    {
        var (options, centrifugo, faults) = Read(Outbox);
        var outbox = (OutboxOptions)options.Single();

        Assert.That(faults, Is.Empty);
        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That((outbox.Name, outbox.Table, outbox.Server.Host, outbox.Partitions, outbox.SelectLimit, outbox.NotificationChannel, outbox.Tls?.Authorities), Is.EqualTo(("orders", "outbox", "db", 2, 50, "wake", "/ca")));
    }

    [TestCase("\"r:1\"", "r:1/0")]
    [TestCase("[\"redis://:p@r:1/3\"]", "r:1/3")]
    public void A_stream_of_Redis_keeps_its_options(string address, string server)
    {
        var (options, centrifugo, faults) = Read($$$"""
            {"consumers":[{"name":"events","enabled":true,"type":"redis_stream","redis_stream":{"address":{{{address}}},"password":"hush","prefix":"x","io_timeout":"4s",
            "streams":["a","b"],"consumer_group":"g","num_workers":4,"visibility_timeout":"20s","publication_data_mode":{"enabled":true,"channels_value":"c"} }}]}
            """);
        var stream = (RedisStreamOptions)options.Single();

        Assert.That(faults, Is.Empty);
        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That((stream.Server.ToString(), stream.Server.KeyPrefix, string.Join(' ', stream.Streams), stream.Group, stream.Workers, stream.VisibilityTimeout.TotalSeconds), Is.EqualTo((server, "", "a b", "g", 4, 20)));
        Assert.That((stream.Form.IsPublication, stream.Form.Channels), Is.EqualTo((true, "c")));
    }

    [Test]
    public void A_stream_of_NATS_keeps_its_options()
    {
        var (options, _, faults) = Read("""
            {"consumers":[{"name":"n","enabled":true,"type":"nats_jetstream","nats_jetstream":{"url":"nats://n:1","username":"u","password":"p","stream_name":"s","durable_consumer_name":"d","subjects":["a.b"],"deliver_policy":"all","max_ack_pending":7,"method_header":"m"}}]}
            """);
        var stream = (JetStreamOptions)options.Single();

        Assert.That(faults, Is.Empty);
        Assert.That((stream.Url, stream.User, stream.Stream, stream.Durable, stream.Subjects.Single(), stream.DeliversAll, stream.MaxAckPending, stream.Form.Method), Is.EqualTo(("nats://n:1", "u", "s", "d", "a.b", true, 7, "m")));
    }

    [Test]
    public void Topics_of_Kafka_keep_their_options()
    {
        var (options, centrifugo, faults) = Read(
            """
            {"consumers":[{"name":"k","enabled":true,"type":"kafka","kafka":{"brokers":["k:1","l:1"],"topics":["t"],"consumer_group":"g","max_poll_records":50,"fetch_max_bytes":1000000,"fetch_max_wait":"1s",
            "fetch_read_uncommitted":true,"partition_queue_max_size":-1,"dial_timeout":"2s","instance_id":"i","sasl_mechanism":"plain","sasl_user":"u","tls":{"enabled":true,"server_ca_pem_file":"/ca"},
            "method_header":"m","publication_data_mode":{"enabled":true,"channels_header":"c","tags_header_prefix":"t-"} }}]}
            """,
            ("CENTRIFUGO_CONSUMERS_K_KAFKA_SASL_PASSWORD", "p"));
        var topics = (KafkaOptions)options.Single();

        Assert.That(faults, Is.Empty);
        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That((string.Join(' ', topics.Brokers), string.Join(' ', topics.Topics), topics.Group, topics.QueueSize, topics.MaxFetchBytes, topics.Instance), Is.EqualTo(("k:1 l:1", "t", "g", 1, 1_000_000, "i")));
        Assert.That((topics.FetchWait.TotalSeconds, topics.ReadsUncommitted, topics.DialTimeout.TotalSeconds), Is.EqualTo((1, true, 2)));
        Assert.That((topics.Mechanism, topics.User, topics.Password, topics.Tls?.Authorities), Is.EqualTo(("PLAIN", "u", "p", "/ca")));
        Assert.That((topics.Form.Method, topics.Form.IsPublication, topics.Form.Channels, topics.Form.TagPrefix), Is.EqualTo(("m", true, "c", "t-")));
    }

    [Test]
    public void Queues_of_clouds_keep_their_options()
    {
        var (options, centrifugo, faults) = Read(
            """
            {"consumers":[{"name":"g","enabled":true,"type":"google_pub_sub","google_pub_sub":{"project_id":"shop","subscriptions":["s","t"],"auth_mechanism":"service_account","credentials_file":"/key.json"}},
            {"name":"a","enabled":true,"type":"aws_sqs","aws_sqs":{"queues":["https://sqs/1/q"],"region":"eu","wait_time_time":"2s","publication_data_mode":{"enabled":true,"channels_attribute":"c"} }},
            {"name":"z","enabled":true,"type":"azure_service_bus","azure_service_bus":{"queues":["q"],"use_sessions":true}}]}
            """,
            ("CENTRIFUGO_CONSUMERS_Z_AZURE_SERVICE_BUS_CONNECTION_STRING", "Endpoint=sb://n/"), ("CENTRIFUGO_CONSUMERS_A_AWS_SQS_MAX_CONCURRENCY", "3"));
        var (google, aws, azure) = (options.OfType<PubSubOptions>().Single(), options.OfType<SqsOptions>().Single(), options.OfType<ServiceBusOptions>().Single());

        Assert.That(faults, Is.Empty);
        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That((google.Project, string.Join(' ', google.Subscriptions), google.CredentialsFile), Is.EqualTo(("shop", "s t", "/key.json")));
        Assert.That((aws.Queues.Single(), aws.Region, aws.PollWait.TotalSeconds, aws.Concurrency, aws.Form.Channels), Is.EqualTo(("https://sqs/1/q", "eu", 2, 3, "c")));
        Assert.That((azure.Access.ConnectionString, azure.Queues.Single(), azure.HasSessions), Is.EqualTo(("Endpoint=sb://n/", "q", true)));
    }

    [TestCase("""{"consumers":[{"name":"k","enabled":false,"type":"postgresql","postgresql":{"dsn":""}}]}""")]
    [TestCase("""{"consumers":[{"name":"k","disabled":true,"type":"redis_stream"}]}""")]
    [TestCase("""{"consumers":[{"name":"k","type":"postgresql","postgresql":{"dsn":""}}]}""")]
    public void A_queue_that_is_switched_off_is_none(string json)
    {
        var (options, centrifugo, faults) = Read(json);

        Assert.That(options, Is.Empty);
        Assert.That(faults, Is.Empty);
        Assert.That(new CentrifugoReview(centrifugo, new ConfigurationBuilder().Build()).Faults, Is.Empty);
    }

    [Test]
    public void A_queue_of_another_type_stops_the_start_and_the_others_are_read()
    {
        var (options, centrifugo, _) = Read(Outbox.Replace("[{", """[{"name":"k","enabled":true,"type":"rabbitmq","rabbitmq":{"queues":["b"]}},{""", StringComparison.Ordinal));

        Assert.That(options.Single().Name, Is.EqualTo("orders"));
        Assert.That(new CentrifugoReview(centrifugo, new ConfigurationBuilder().Build()).Faults.Single(), Does.StartWith("consumers.0.name: "));
    }

    [Test]
    public void Variables_change_one_queue()
    {
        var (options, centrifugo, faults) = Read(Outbox, ("CENTRIFUGO_CONSUMERS_ORDERS_POSTGRESQL_DSN", "postgres://other"), ("CENTRIFUGO_CONSUMERS_ORDERS_POSTGRESQL_NUM_PARTITIONS", "9"));
        var outbox = (OutboxOptions)options.Single();

        Assert.That(faults, Is.Empty);
        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That((outbox.Server.Host, outbox.Partitions, outbox.SelectLimit), Is.EqualTo(("other", 9, 50)));
    }

    [Test]
    public void A_list_in_a_variable_replaces_that_of_the_file()
    {
        var (options, centrifugo, faults) = Read(Outbox, ("CENTRIFUGO_CONSUMERS", """[{"name":"mine","enabled":true,"type":"nats_jetstream","nats_jetstream":{"stream_name":"s","durable_consumer_name":"d"}}]"""));

        Assert.That(faults, Is.Empty);
        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That(options.Single().Name, Is.EqualTo("mine"));
    }

    [Test]
    public void Secrets_are_not_shown()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Consumers:a:dsn"] = "host=db password='hush hush'",
            ["Consumers:a:partition_notification_dsn"] = "host=db password=hush",
            ["Consumers:b:password"] = "hush",
            ["Consumers:b:token"] = "hush",
            ["Consumers:c:address"] = "redis://:hush@r",
            ["Consumers:b:tls:key_pem"] = "hush",
            ["Consumers:d:sasl_password"] = "hush",
            ["Consumers:e:connection_string"] = "Endpoint=sb://n/;SharedAccessKey=hush",
            ["Consumers:e:client_secret"] = "hush",
            ["Consumers:b:url"] = "nats://u:hush@n",
        };
        var lines = EffectiveSettings.Describe([new("environment", new ConfigurationBuilder().AddInMemoryCollection(settings).Build())]).ToArray();

        Assert.That(lines, Has.None.Contains("hush"));
        Assert.That(lines, Has.Some.StartsWith("Consumers:a:dsn = (hidden)"));
    }

    private static (IReadOnlyList<ConsumerOptions> Options, CentrifugoConfiguration Centrifugo, IReadOnlyList<string> Faults) Read(string json, params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(path, json);
        var centrifugo = CentrifugoConfiguration.Read(path, variables.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal), new CentrifugoFlags([]));
        var reader = new BrokerOptionsReader(new ConfigurationBuilder().AddInMemoryCollection(centrifugo.Settings).Build());
        return (reader.Read().Consumers, centrifugo, reader.Faults);
    }
}
