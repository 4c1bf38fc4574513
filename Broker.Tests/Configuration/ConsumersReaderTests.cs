using System.Runtime.Versioning;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary><c>Consumers</c>.</summary>
internal sealed class ConsumersReaderTests
{
    private const string Dsn = "postgres://claw:hush@db:5433/shop?sslmode=require";

    private readonly List<string> _faults = [];

    [Test]
    public void An_outbox_has_defaults()
    {
        var options = (OutboxOptions)Read(("a:type", "postgresql"), ("a:dsn", Dsn), ("a:outbox_table_name", "outbox")).Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.Name, options.Table, options.Partitions, options.SelectLimit, options.PollInterval.TotalMilliseconds), Is.EqualTo(("a", "outbox", 1, 100, 300)));
        Assert.That((options.Server.Host, options.Server.Port, options.Server.User, options.Server.Password, options.Server.Database, options.Server.SslMode), Is.EqualTo(("db", 5433, "claw", "hush", "shop", "require")));
        Assert.That($"{options.Server}", Does.Not.Contain("hush"));
    }

    [Test]
    public void An_outbox_has_all_of_its_options()
    {
        var options = (OutboxOptions)Read(
            ("a:type", "postgresql"), ("a:dsn", Dsn), ("a:outbox_table_name", "\"my shop\".outbox"), ("a:num_partitions", "4"), ("a:partition_select_limit", "1000"), ("a:partition_poll_interval", "1s"),
            ("a:partition_notification_channel", "wake"), ("a:partition_notification_dsn", "host=direct"), ("a:use_try_lock", "true"),
            ("a:tls:enabled", "true"), ("a:tls:server_ca_pem", "/ca.pem"), ("a:tls:server_name", "db")).Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.Partitions, options.SelectLimit, options.PollInterval.TotalSeconds, options.NotificationChannel, options.NotificationServer?.Host), Is.EqualTo((4, 1000, 1, "wake", "direct")));
        Assert.That(options.Tls, Is.EqualTo(new ClientTls("/ca.pem", null, null, "db", SkipsVerification: false)));
    }

    [Test]
    public void A_stream_of_Redis_has_all_of_its_options()
    {
        var options = (RedisStreamOptions)Read(
            ("a:type", "redis_stream"), ("a:address", "redis://:hush@r:1/2"), ("a:streams:0", "s"), ("a:streams:1", "t"), ("a:consumer_group", "g"), ("a:visibility_timeout", "10s"), ("a:num_workers", "8"),
            ("a:payload_value", "p"), ("a:publication_data_mode:enabled", "true"), ("a:publication_data_mode:channels_value", "c"), ("a:publication_data_mode:tags_value_prefix", "")).Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.Server.ToString(), string.Join(' ', options.Streams), options.Group, options.VisibilityTimeout.TotalSeconds, options.Workers, options.Payload), Is.EqualTo(("r:1/2", "s t", "g", 10, 8, "p")));
        Assert.That(options.Form, Is.EqualTo(new MessageForm { Method = "method", IsPublication = true, Channels = "c", TagPrefix = "" }));
    }

    [Test]
    public void A_stream_of_NATS_has_all_of_its_options()
    {
        var options = (JetStreamOptions)Read(
            ("a:type", "nats_jetstream"), ("a:url", "nats://n:1"), ("a:stream_name", "s"), ("a:durable_consumer_name", "d"), ("a:subjects", "x.a x.b"), ("a:deliver_policy", "all"), ("a:max_ack_pending", "1"),
            ("a:username", "u"), ("a:password", "hush"), ("a:method_header", "m")).Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.Url, options.Stream, options.Durable, string.Join(' ', options.Subjects), options.DeliversAll, options.MaxAckPending), Is.EqualTo(("nats://n:1", "s", "d", "x.a x.b", true, 1)));
        Assert.That((options.User, options.Password, options.Form.Method), Is.EqualTo(("u", "hush", "m")));
    }

    [Test]
    public void Topics_of_Kafka_have_defaults()
    {
        var options = (KafkaOptions)Read(("a:type", "kafka"), ("a:brokers", "k:9092"), ("a:topics", "t"), ("a:consumer_group", "g")).Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.QueueSize, options.MaxFetchBytes, options.FetchWait.TotalMilliseconds, options.DialTimeout.TotalSeconds, options.ReadsUncommitted), Is.EqualTo((1000, 52_428_800, 500, 3, false)));
        Assert.That((options.Instance, options.Mechanism, options.Tls, options.Form.Method), Is.EqualTo(((string?)null, (string?)null, (ClientTls?)null, "centrifugo-method")));
    }

    [Test]
    public void Topics_of_Kafka_have_all_of_their_options()
    {
        var options = (KafkaOptions)Read(
            ("a:type", "kafka"), ("a:brokers:0", "k:1"), ("a:brokers:1", "l:1"), ("a:topics", "t u"), ("a:consumer_group", "g"), ("a:max_poll_records", "10"), ("a:partition_queue_max_size", "-1"),
            ("a:fetch_max_bytes", "1048576"), ("a:fetch_max_wait", "1s"), ("a:fetch_read_uncommitted", "true"), ("a:dial_timeout", "2s"), ("a:instance_id", "pod-1"),
            ("a:sasl_mechanism", "scram-sha-512"), ("a:sasl_user", "u"), ("a:sasl_password", "hush"), ("a:tls:enabled", "true"), ("a:tls:server_ca_pem", "/ca.pem"),
            ("a:method_header", "m"), ("a:publication_data_mode:enabled", "true"), ("a:publication_data_mode:channels_header", "c")).Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((string.Join(' ', options.Brokers), string.Join(' ', options.Topics), options.Group, options.QueueSize, options.MaxFetchBytes), Is.EqualTo(("k:1 l:1", "t u", "g", 1, 1_048_576)));
        Assert.That((options.FetchWait.TotalSeconds, options.ReadsUncommitted, options.DialTimeout.TotalSeconds, options.Instance), Is.EqualTo((1, true, 2, "pod-1")));
        Assert.That((options.Mechanism, options.User, options.Password, options.Tls?.Authorities), Is.EqualTo(("SCRAM-SHA-512", "u", "hush", "/ca.pem")));
        Assert.That((options.Form.Method, options.Form.IsPublication, options.Form.Channels), Is.EqualTo(("m", true, "c")));
    }

    [TestCase("a:brokers", "", "Consumers:a:brokers: it is needed")]
    [TestCase("a:topics", "", "Consumers:a:topics: it is needed")]
    [TestCase("a:consumer_group", "", "Consumers:a:consumer_group: it is needed")]
    [TestCase("a:partition_queue_max_size", "-2", "Consumers:a:partition_queue_max_size: '-2' is not a whole number from 1 to 1000000")]
    [TestCase("a:dial_timeout", "10ms", "Consumers:a:dial_timeout: '10ms' is not a duration from 1 s to 60 s")]
    [TestCase("a:sasl_mechanism", "aws-msk-iam", "Consumers:a:sasl_mechanism: 'aws-msk-iam' is not one of plain, scram-sha-256, scram-sha-512")]
    [TestCase("a:sasl_mechanism", "plain", "Consumers:a:sasl_user: it and sasl_password are needed with sasl_mechanism")]
    [TestCase("a:tls:server_name", "k", "Consumers:a:tls:server_name: a server of Kafka must have a certificate for its address")]
    [TestCase("a:topic", "t", "Consumers:a:topic: unknown option; did you mean topics?")]
    public void A_wrong_option_of_Kafka_is_a_fault(string key, string value, string fault)
    {
        var settings = new Dictionary<string, string>
        {
            ["a:type"] = "kafka",
            ["a:brokers"] = "k:9092",
            ["a:topics"] = "t",
            ["a:consumer_group"] = "g",
            ["a:sasl_password"] = "hush",
            ["a:tls:enabled"] = "true",
            [key] = value,
        };
        Read([.. settings.Select(pair => (pair.Key, pair.Value))]);

        Assert.That(_faults.Single(), Does.StartWith(fault).And.Not.Contains("hush"));
    }

    [Test]
    public void A_queue_that_is_switched_off_is_checked_and_not_read()
    {
        Assert.That(Read(("a:type", "postgresql"), ("a:enabled", "false"), ("a:dsn", "hush"), ("a:outbox_table_name", "outbox")), Is.Empty);
        Assert.That(_faults.Single(), Does.StartWith("Consumers:a:dsn: ").And.Not.Contains("hush"));
    }

    [TestCase("a:type", "sqs", "Consumers:a:type: it is not one of postgresql, redis_stream, nats_jetstream, kafka")]
    [TestCase("a:enabled", "maybe", "Consumers:a:enabled: 'maybe' is neither true nor false")]
    [TestCase("a:outbox_table_name", "outbox; DROP TABLE users", "Consumers:a:outbox_table_name: it is not the name of a table, with its schema or without")]
    [TestCase("a:num_partitions", "-1", "Consumers:a:num_partitions: '-1' is not a whole number from 1 to 1024")]
    [TestCase("a:partition_poll_interval", "1", "Consumers:a:partition_poll_interval: '1' is not a duration from 0.001 s to 60 s")]
    [TestCase("a:num_partition", "1", "Consumers:a:num_partition: unknown option; did you mean num_partitions?")]
    [TestCase("a:streams", "x", "Consumers:a:streams: unknown option of this type")]
    [TestCase("a:dsn", "mysql://hush@db", "Consumers:a:dsn: it is neither postgres://")]
    [TestCase("a:tls:cert_pem", "/c.pem", "Consumers:a:tls:cert_pem: it and tls:key_pem are needed together")]
    public void A_wrong_option_is_a_fault(string key, string value, string fault)
    {
        var settings = new Dictionary<string, string> { ["a:type"] = "postgresql", ["a:dsn"] = Dsn, ["a:outbox_table_name"] = "outbox", [key] = value };
        Read([.. settings.Select(pair => (pair.Key, pair.Value))]);

        Assert.That(_faults.Single(), Does.StartWith(fault).And.Not.Contains("hush"));
    }

    [TestCase("a:address", "hush", "redis_stream", "Consumers:a:address: it is not redis://")]
    [TestCase("a:streams", "", "redis_stream", "Consumers:a:streams: it is needed")]
    [TestCase("a:consumer_group", "", "redis_stream", "Consumers:a:consumer_group: it is needed")]
    [TestCase("a:url", "http://n", "nats_jetstream", "Consumers:a:url: it is not the address of a NATS server")]
    [TestCase("a:deliver_policy", "last", "nats_jetstream", "Consumers:a:deliver_policy: 'last' is neither new nor all")]
    [TestCase("a:stream_name", "", "nats_jetstream", "Consumers:a:stream_name: it is needed")]
    public void A_wrong_option_of_a_stream_is_a_fault(string key, string value, string type, string fault)
    {
        var settings = type == "redis_stream"
            ? new Dictionary<string, string> { ["a:type"] = type, ["a:streams"] = "s", ["a:consumer_group"] = "g", [key] = value }
            : new Dictionary<string, string> { ["a:type"] = type, ["a:stream_name"] = "s", ["a:durable_consumer_name"] = "d", [key] = value };
        Read([.. settings.Select(pair => (pair.Key, pair.Value))]);

        Assert.That(_faults.Single(), Does.StartWith(fault).And.Not.Contains("hush"));
    }

    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    [TestCase(UnixFileMode.UserRead, true)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.GroupRead, true)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.OtherRead, false)]
    public void A_secret_may_be_in_a_file_that_others_cannot_read(UnixFileMode mode, bool isAllowed)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "dsn");
        File.WriteAllText(file, $"{Dsn}\n");
        File.SetUnixFileMode(file, mode);
        var options = Read(("a:type", "postgresql"), ("a:dsn_file", file), ("a:outbox_table_name", "outbox"));

        Assert.That(((OutboxOptions)options.Single()).Server.Password, Is.EqualTo("hush"));
        Assert.That(_faults, isAllowed ? Is.Empty : Is.EqualTo(new[] { $"Consumers:a:dsn_file: other users may read {file}. Example: Consumers:a:dsn_file=chmod 0600 {file}" }));
    }

    [TestCase("postgresql://u@h", "h", 5432, "u", null)]
    [TestCase("postgres://u:p%40ss@h:1/d?pool_max_conns=4", "h", 1, "u", "p@ss")]
    [TestCase("host=h port=1 user=u password='p \\' q' dbname=d", "h", 1, "u", "p ' q")]
    [TestCase("user=u", "localhost", 5432, "u", null)]
    public void An_address_is_read_as_PostgreSQL_reads_it(string text, string host, int port, string user, string? password)
    {
        Assert.That(PostgresAddress.TryParse(text, out var address), Is.True);
        Assert.That((address!.Host, address.Port, address.User, address.Password), Is.EqualTo((host, port, user, password)));
    }

    [TestCase("")]
    [TestCase("localhost")]
    [TestCase("postgres://h:0x/d")]
    [TestCase("postgres://h/d?sslmode=maybe")]
    [TestCase("postgres://h/d?colour=red")]
    [TestCase("host=a,b")]
    [TestCase("host=h port=70000")]
    [TestCase("password='open")]
    public void Anything_else_is_no_address(string text) => Assert.That(PostgresAddress.TryParse(text, out _), Is.False);

    private IReadOnlyList<ConsumerOptions> Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create<string, string?>($"Consumers:{pair.Key}", pair.Value))).Build();
        var reader = new BrokerOptionsReader(configuration);
        var options = reader.Read().Consumers;
        _faults.AddRange(reader.Faults);
        return options;
    }
}
