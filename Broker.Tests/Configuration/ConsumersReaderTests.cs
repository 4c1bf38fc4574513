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

    [Test]
    public void Subscriptions_of_Google_have_defaults_and_all_of_their_options()
    {
        var options = Read(("a:type", "google_pub_sub"), ("a:project_id", "shop"), ("a:subscriptions", "s")).OfType<PubSubOptions>().Single();
        var full = Read(
            ("a:type", "google_pub_sub"), ("a:project_id", "shop"), ("a:subscriptions:0", "s"), ("a:subscriptions:1", "t"), ("a:max_outstanding_messages", "7"), ("a:max_outstanding_bytes", "1000"),
            ("a:auth_mechanism", "Service_Account"), ("a:credentials_file", "/key.json"), ("a:endpoint", "https://eu.example"), ("a:method_attribute", "m"),
            ("a:publication_data_mode:enabled", "true"), ("a:publication_data_mode:channels_attribute", "c"), ("a:publication_data_mode:tags_attribute_prefix", "t-")).OfType<PubSubOptions>().Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.Project, options.Subscriptions.Single(), options.MaxMessages, options.MaxBytes, options.CredentialsFile, options.Endpoint, options.Form.Method), Is.EqualTo(("shop", "s", 100, 1_000_000, (string?)null, (Uri?)null, "centrifugo-method")));
        Assert.That((string.Join(' ', full.Subscriptions), full.MaxMessages, full.MaxBytes, full.CredentialsFile, full.Endpoint?.Host), Is.EqualTo(("s t", 7, 1000, "/key.json", "eu.example")));
        Assert.That(full.Form, Is.EqualTo(new MessageForm { Method = "m", IsPublication = true, Channels = "c", TagPrefix = "t-" }));
    }

    [Test]
    public void The_key_of_an_account_has_no_effect_without_its_mechanism()
    {
        var options = Read(("a:type", "google_pub_sub"), ("a:project_id", "shop"), ("a:subscriptions", "s"), ("a:auth_mechanism", "default"), ("a:credentials_file", "/key.json")).OfType<PubSubOptions>().Single();

        Assert.That(_faults, Is.Empty);
        Assert.That(options.CredentialsFile, Is.Null);
    }

    [Test]
    public void Queues_of_AWS_have_defaults_and_all_of_their_options()
    {
        var options = Read(("a:type", "aws_sqs"), ("a:queues", "https://sqs/1/q")).OfType<SqsOptions>().Single();
        var full = Read(
            ("a:type", "aws_sqs"), ("a:queues", "https://sqs/1/q https://sqs/1/r"), ("a:sns_envelope", "true"), ("a:region", "eu-central-1"), ("a:max_number_of_messages", "5"), ("a:wait_time_time", "1500ms"), ("a:visibility_timeout", "1m"),
            ("a:max_concurrency", "4"), ("a:credentials_profile", "p"), ("a:assume_role_arn", "arn:r"), ("a:localstack_endpoint", "http://localhost:4566"), ("a:method_attribute", "m"),
            ("a:publication_data_mode:enabled", "true"), ("a:publication_data_mode:version_attribute", "v")).OfType<SqsOptions>().Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.MaxMessages, options.PollWait.TotalSeconds, options.Visibility.TotalSeconds, options.Concurrency, options.HasEnvelope, options.Form.Method), Is.EqualTo((10, 20, 30, 1, false, "centrifugo-method")));
        Assert.That((options.Region, options.Profile, options.Role, options.Endpoint), Is.EqualTo(((string?)null, (string?)null, (string?)null, (string?)null)));
        Assert.That((full.Queues.Count, full.HasEnvelope, full.Region, full.MaxMessages, full.PollWait.TotalSeconds, full.Visibility.TotalSeconds, full.Concurrency), Is.EqualTo((2, true, "eu-central-1", 5, 1, 60, 4)));
        Assert.That((full.Profile, full.Role, full.Endpoint), Is.EqualTo(("p", "arn:r", "http://localhost:4566")));
        Assert.That(full.Form, Is.EqualTo(new MessageForm { Method = "m", IsPublication = true, Version = "v" }));
    }

    [Test]
    public void Queues_of_Azure_have_defaults_and_all_of_their_options()
    {
        var options = Read(("a:type", "azure_service_bus"), ("a:connection_string", "Endpoint=sb://n/;SharedAccessKeyName=k;SharedAccessKey=hush"), ("a:queues", "q")).OfType<ServiceBusOptions>().Single();
        var full = Read(
            ("a:type", "azure_service_bus"), ("a:use_azure_identity", "true"), ("a:fully_qualified_namespace", "n.servicebus.windows.net"), ("a:tenant_id", "t"), ("a:client_id", "c"), ("a:client_secret", "hush"),
            ("a:queues", "q r"), ("a:use_sessions", "true"), ("a:max_concurrent_calls", "3"), ("a:max_receive_messages", "20"), ("a:method_property", "m"),
            ("a:publication_data_mode:enabled", "true"), ("a:publication_data_mode:channels_property", "c"), ("a:publication_data_mode:tags_property_prefix", "t-")).OfType<ServiceBusOptions>().Single();

        Assert.That(_faults, Is.Empty);
        Assert.That((options.Access.ConnectionString?[..16], options.HasSessions, options.Receivers, options.MaxMessages, options.Form.Method), Is.EqualTo(("Endpoint=sb://n/", false, 1, 1, "centrifugo-method")));
        Assert.That(full.Access, Is.EqualTo(new ServiceBusAccess(null, "n.servicebus.windows.net", "t", "c", "hush")));
        Assert.That((string.Join(' ', full.Queues), full.HasSessions, full.Receivers, full.MaxMessages), Is.EqualTo(("q r", true, 3, 20)));
        Assert.That(full.Form, Is.EqualTo(new MessageForm { Method = "m", IsPublication = true, Channels = "c", TagPrefix = "t-" }));
        Assert.That($"{options}{full}", Does.Not.Contain("hush"));
    }

    [TestCase("google_pub_sub", "project_id", "", "project_id: it is needed")]
    [TestCase("google_pub_sub", "subscriptions", "", "subscriptions: it is needed")]
    [TestCase("google_pub_sub", "auth_mechanism", "magic", "auth_mechanism: 'magic' is neither default nor service_account")]
    [TestCase("google_pub_sub", "auth_mechanism", "service_account", "credentials_file: it is needed with service_account")]
    [TestCase("google_pub_sub", "endpoint", "eu.example", "endpoint: 'eu.example' is not a URL")]
    [TestCase("aws_sqs", "queues", "", "queues: it is needed")]
    [TestCase("aws_sqs", "queues", "commands", "queues: 'commands' is not the URL of a queue")]
    [TestCase("aws_sqs", "localstack_endpoint", "localhost", "localstack_endpoint: 'localhost' is not a URL")]
    [TestCase("aws_sqs", "max_number_of_messages", "11", "max_number_of_messages: '11' is not a whole number from 1 to 10")]
    [TestCase("aws_sqs", "wait_time_time", "21s", "wait_time_time: '21s' is not a duration from 0.001 s to 20 s")]
    [TestCase("aws_sqs", "visibility_timeout", "13h", "visibility_timeout: '13h' is not a duration from 0.001 s to 43200 s")]
    [TestCase("azure_service_bus", "queues", "", "queues: it is needed")]
    [TestCase("azure_service_bus", "connection_string", "", "connection_string: it is needed without use_azure_identity")]
    [TestCase("azure_service_bus", "connection_string", "hush", "connection_string: it has no Endpoint=sb://")]
    [TestCase("azure_service_bus", "publication_data_mode:channels_property", "", "publication_data_mode:channels_property: it is needed")]
    [TestCase("azure_service_bus", "channels", "x", "channels: unknown option of this type")]
    public void A_wrong_option_of_a_queue_of_a_cloud_is_a_fault(string type, string option, string value, string fault)
    {
        var settings = new Dictionary<string, string>
        {
            ["google_pub_sub"] = "project_id=p subscriptions=s",
            ["aws_sqs"] = "queues=https://sqs/1/q",
            ["azure_service_bus"] = "connection_string=Endpoint=sb://n/;SharedAccessKey=hush queues=q publication_data_mode:enabled=true",
        }[type].Split(' ').Select(pair => pair.Split('=', 2)).ToDictionary(pair => $"a:{pair[0]}", pair => pair[1]);
        settings["a:type"] = type;
        settings[$"a:{option}"] = value;
        Read([.. settings.Select(pair => (pair.Key, pair.Value))]);

        Assert.That(_faults.Single(), Does.StartWith($"Consumers:a:{fault}").And.Not.Contains("hush"));
    }

    [TestCase("fully_qualified_namespace")]
    [TestCase("tenant_id")]
    [TestCase("client_id")]
    [TestCase("client_secret")]
    public void An_application_of_Azure_needs_all_of_its_options(string option)
    {
        var settings = new Dictionary<string, string>
        {
            ["a:type"] = "azure_service_bus",
            ["a:queues"] = "q",
            ["a:use_azure_identity"] = "true",
            ["a:fully_qualified_namespace"] = "n",
            ["a:tenant_id"] = "t",
            ["a:client_id"] = "c",
            ["a:client_secret"] = "s",
        };
        settings[$"a:{option}"] = "";
        Read([.. settings.Select(pair => (pair.Key, pair.Value))]);

        Assert.That(_faults.Single(), Does.StartWith($"Consumers:a:{option}: it is needed with use_azure_identity"));
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
