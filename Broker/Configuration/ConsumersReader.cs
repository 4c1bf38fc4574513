using System.Text.RegularExpressions;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>Consumers</c>: a section for each queue. docs/reference/consumers.md</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed partial class ConsumersReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const int MaxPartitions = 1024;
    private const int MaxRows = 10_000;
    private const int MaxWorkers = 256;
    private const string TypeRule = "it is not one of postgresql, redis_stream, nats_jetstream, kafka, google_pub_sub, aws_sqs, azure_service_bus";

    private static readonly TimeSpan LongestPoll = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestVisibility = TimeSpan.FromHours(12);

    public IReadOnlyList<ConsumerOptions> Read()
    {
        var consumers = configuration.GetSection("Consumers").GetChildren().Select(section => Read(new ConsumerSection(section, fault))).OfType<ConsumerOptions>().ToArray();
        return consumers.Length > 0 ? consumers : [];
    }

    // Null: it has no effect.
    private static ConsumerOptions? Read(ConsumerSection section)
    {
        var isOff = section.TextOr("enabled", "true") is var enabled && !bool.TryParse(enabled, out var isOn) ? Refuse(section, enabled) : !isOn;
        ConsumerOptions? options = section.Text("type") switch
        {
            OutboxOptions.TypeName => ReadOutbox(section),
            RedisStreamOptions.TypeName => ReadStream(section),
            JetStreamOptions.TypeName => ReadJetStream(section),
            KafkaOptions.TypeName => KafkaOptionsReader.Read(section),
            PubSubOptions.TypeName => PubSubOptionsReader.Read(section),
            SqsOptions.TypeName => SqsOptionsReader.Read(section),
            ServiceBusOptions.TypeName => ServiceBusOptionsReader.Read(section),
            _ => null,
        };
        if (options is null && section.Text("type") is not (OutboxOptions.TypeName or RedisStreamOptions.TypeName))
        {
            section.Fault("type", TypeRule, OutboxOptions.TypeName);
            return null;
        }

        section.RefuseUnknown();
        return isOff ? null : options;
    }

    private static bool Refuse(ConsumerSection section, string enabled)
    {
        section.Fault("enabled", $"'{enabled}' is neither true nor false", "true");
        return true;
    }

    private static OutboxOptions? ReadOutbox(ConsumerSection section)
    {
        // Always so here: a node that does not get a partition does not keep a connection waiting for it.
        _ = section.Flag("use_try_lock");
        var table = section.Required("outbox_table_name", "public.outbox");
        if (table.Length > 0 && !TableForm().IsMatch(table))
        {
            section.Fault("outbox_table_name", "it is not the name of a table, with its schema or without", "public.outbox");
        }

        var (server, other) = (Server(section, "dsn"), section.Secret("partition_notification_dsn") is null ? null : Server(section, "partition_notification_dsn"));
        var options = new OutboxOptions(section.Name, server!, table);
        options = options with
        {
            Partitions = section.Number("num_partitions", options.Partitions, MaxPartitions),
            SelectLimit = section.Number("partition_select_limit", options.SelectLimit, MaxRows),
            PollInterval = section.Duration("partition_poll_interval", options.PollInterval, TimeSpan.FromMilliseconds(1), LongestPoll),
            NotificationChannel = section.Text("partition_notification_channel"),
            NotificationServer = other,
            Tls = section.Tls(),
        };
        return server is null ? null : options;
    }

    // The message must not contain the value: it may hold a password.
    private static PostgresAddress? Server(ConsumerSection section, string option)
    {
        var text = section.Secret(option);
        if (text is not null && PostgresAddress.TryParse(text, out var server))
        {
            return server;
        }

        section.Fault(option, text is null ? "it is needed" : PostgresAddress.Rule, "postgres://user:password@localhost:5432/database");
        return null;
    }

    private static RedisStreamOptions? ReadStream(ConsumerSection section)
    {
        var address = section.Secret("address") ?? "redis://127.0.0.1:6379";
        if (!RedisAddress.TryParse(address, out var server))
        {
            section.Fault("address", RedisAddress.Rule, "redis://localhost:6379");
        }

        var options = new RedisStreamOptions(section.Name, server!, section.Needed("streams", "commands"), section.Required("consumer_group", "clawevents"));
        options = options with
        {
            VisibilityTimeout = section.Duration("visibility_timeout", options.VisibilityTimeout, TimeSpan.FromMilliseconds(10), LongestVisibility),
            Workers = section.Number("num_workers", options.Workers, MaxWorkers),
            Payload = section.TextOr("payload_value", options.Payload),
            Form = Form(section, "value", section.TextOr("method_value", "method")),
        };
        return server is null ? null : options;
    }

    private static JetStreamOptions ReadJetStream(ConsumerSection section)
    {
        var url = section.TextOr("url", "nats://127.0.0.1:4222");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("nats" or "tls" or "ws" or "wss"))
        {
            section.Fault("url", "it is not the address of a NATS server", "nats://127.0.0.1:4222");
        }

        var policy = section.TextOr("deliver_policy", "new");
        if (policy is not ("new" or "all"))
        {
            section.Fault("deliver_policy", $"'{policy}' is neither new nor all", "new");
        }

        var options = new JetStreamOptions(section.Name, url, section.Required("stream_name", "commands"), section.Required("durable_consumer_name", "clawevents"));
        return options with
        {
            UsesExisting = section.Flag("use_existing_consumer"),
            Subjects = section.List("subjects"),
            DeliversAll = policy == "all",
            MaxAckPending = section.Number("max_ack_pending", options.MaxAckPending, 1_000_000),
            CredentialsFile = section.Text("credentials_file"),
            User = section.Text("username"),
            Password = section.Secret("password"),
            Token = section.Secret("token"),
            Tls = section.Tls(),
            Form = Form(section, "header", section.TextOr("method_header", "centrifugo-method")),
        };
    }

    /// <param name="kind">What Centrifugo's names of these options end with.</param>
    public static MessageForm Form(ConsumerSection section, string kind, string method)
    {
        var defaults = new MessageForm();
        string Name(string part, string fallback) => section.TextOr($"publication_data_mode:{part}", fallback);
        var form = new MessageForm
        {
            Method = method,
            IsPublication = section.Flag("publication_data_mode:enabled"),
            Channels = Name($"channels_{kind}", defaults.Channels),
            IdempotencyKey = Name($"idempotency_key_{kind}", defaults.IdempotencyKey),
            Delta = Name($"delta_{kind}", defaults.Delta),
            Version = Name($"version_{kind}", defaults.Version),
            VersionEpoch = Name($"version_epoch_{kind}", defaults.VersionEpoch),
            TagPrefix = Name($"tags_{kind}_prefix", defaults.TagPrefix),
        };
        if (form is { IsPublication: true, Channels: "" })
        {
            section.Fault($"publication_data_mode:channels_{kind}", "it is needed", defaults.Channels);
        }

        return form;
    }

    // It becomes part of a query: what a name may be without quotes, or anything in quotes.
    [GeneratedRegex("""\A(?:[A-Za-z_][A-Za-z0-9_$]*|"[^"\0]+")(?:\.(?:[A-Za-z_][A-Za-z0-9_$]*|"[^"\0]+"))?\z""", RegexOptions.CultureInvariant)]
    private static partial Regex TableForm();
}
