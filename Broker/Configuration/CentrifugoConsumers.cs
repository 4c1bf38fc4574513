namespace ClawEvents.Broker.Configuration;

/// <summary>Translates the queues of a Centrifugo, <c>consumers</c> of version 5 or 6, to <c>Consumers</c>.</summary>
/// <param name="settings">Receives ours.</param>
/// <param name="known">Receives the paths of the file's settings that were translated.</param>
/// <param name="isVersion5">A queue is read unless it is switched off; in version 6, only when it is switched on.</param>
/// <remarks>Options have the same names here, without the section of the type. A queue of a type that is not read here, and is not switched off, stays untranslated.</remarks>
internal sealed class CentrifugoConsumers(Dictionary<string, string?> settings, HashSet<string> known, bool isVersion5)
{
    private const string ListKey = "consumers";

    private static readonly string[] TypesWithTls = [OutboxOptions.TypeName, RedisStreamOptions.TypeName, JetStreamOptions.TypeName, KafkaOptions.TypeName];
    private static readonly string[] Types = [.. TypesWithTls, PubSubOptions.TypeName, SqsOptions.TypeName, ServiceBusOptions.TypeName];

    private static readonly string[] ModeParts = ["channels", "idempotency_key", "delta", "version", "version_epoch"];

    // Of one queue, in the variables of its name.
    private static readonly string[] Options =
    [
        "enabled", "disabled", "type",
        .. Of(OutboxOptions.TypeName, "dsn", "outbox_table_name", "num_partitions", "partition_select_limit", "partition_poll_interval", "partition_notification_channel", "partition_notification_dsn", "use_try_lock"),
        .. Of(RedisStreamOptions.TypeName, "streams", "consumer_group", "visibility_timeout", "num_workers", "payload_value", "method_value"),
        .. Of(RedisStreamOptions.TypeName, [.. CentrifugoRedis.OptionNames]),
        .. Of(JetStreamOptions.TypeName, "url", "credentials_file", "username", "password", "token", "stream_name", "use_existing_consumer", "subjects", "durable_consumer_name", "deliver_policy", "max_ack_pending", "method_header"),
        .. Of(KafkaOptions.TypeName, "brokers", "topics", "consumer_group", "max_poll_records", "fetch_max_bytes", "fetch_max_wait", "fetch_read_uncommitted", "partition_queue_max_size", "dial_timeout", "instance_id", "sasl_mechanism", "sasl_user", "sasl_password", "method_header"),
        .. Of(PubSubOptions.TypeName, "project_id", "subscriptions", "max_outstanding_messages", "max_outstanding_bytes", "auth_mechanism", "credentials_file", "method_attribute"),
        .. Of(SqsOptions.TypeName, "queues", "sns_envelope", "region", "max_number_of_messages", "wait_time_time", "visibility_timeout", "max_concurrency", "credentials_profile", "assume_role_arn", "method_attribute", "localstack_endpoint"),
        .. Of(ServiceBusOptions.TypeName, "connection_string", "use_azure_identity", "fully_qualified_namespace", "tenant_id", "client_id", "client_secret", "queues", "use_sessions", "max_concurrent_calls", "max_receive_messages", "method_property"),
        .. TypesWithTls.SelectMany(type => Of(type, "tls.enabled", "tls.server_ca_pem", "tls.cert_pem", "tls.key_pem", "tls.server_name", "tls.insecure_skip_verify")).Distinct(StringComparer.Ordinal),
        .. Mode(RedisStreamOptions.TypeName, "value"),
        .. Mode(JetStreamOptions.TypeName, "header"),
        .. Mode(KafkaOptions.TypeName, "header"),
        .. Mode(PubSubOptions.TypeName, "attribute"),
        .. Mode(SqsOptions.TypeName, "attribute"),
        .. Mode(ServiceBusOptions.TypeName, "property"),
    ];

    /// <summary>The paths of queues that are not read because nothing switches them on.</summary>
    public List<string> Off { get; } = [];

    /// <param name="file">Centrifugo's settings.</param>
    /// <param name="environment">Its variables: a list in one of them replaces that of the file, and others change options of one queue.</param>
    public void Translate(IConfiguration file, CentrifugoVariables environment)
    {
        var list = environment.Consumers ?? file.GetSection(ListKey);
        var values = list.AsEnumerable().ToDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var section in list.GetChildren())
        {
            foreach (var (option, value) in environment.TakeConsumer(section["name"] ?? "", Options))
            {
                values[$"{section.Path}:{option.Replace('.', ':')}"] = value;
            }
        }

        if (environment.Consumers is not null)
        {
            known.UnionWith(file.GetSection(ListKey).AsEnumerable().Select(pair => pair.Key));
        }

        var all = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        foreach (var section in all.GetSection(ListKey).GetChildren())
        {
            TranslateOne(all, section);
        }
    }

    /// <summary>Whether all queues of a list are switched off, or of a type that is read here.</summary>
    public static bool AreRead(IConfigurationSection list) => list.GetChildren().All(section => IsOff(section) || Types.Contains(section["type"] ?? ""));

    private void TranslateOne(IConfiguration all, IConfigurationSection section)
    {
        if (!isVersion5 && section["enabled"] is null && section["disabled"] is null)
        {
            Off.Add(section.Path);
            return;
        }

        if (section["type"] is not { } type || !Types.Contains(type) || IsOff(section))
        {
            return;
        }

        known.UnionWith(section.AsEnumerable().Select(pair => pair.Key));
        var target = $"Consumers:{section["name"]}";
        settings[$"{target}:type"] = type;
        var options = section.GetSection(type);
        foreach (var (path, value) in options.AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is { Length: > 0 }))
        {
            // A file or a text, in one option here.
            var option = path.Replace("_pem_file", "_pem", StringComparison.OrdinalIgnoreCase);
            if (IsRead(type, option))
            {
                settings[$"{target}:{option}"] = value;
            }
        }

        if (type == RedisStreamOptions.TypeName)
        {
            settings[$"{target}:address"] = new CentrifugoRedis(all, settings, known).UrlAt(options.Path.Replace(':', '.'));
        }
    }

    // The others have no effect here, or become part of the address. A list has a number for each element.
    private static bool IsRead(string type, string path)
    {
        var name = $"{type}.{path.TrimEnd("0123456789".ToCharArray()).TrimEnd(':').Replace(':', '.')}";
        return Options.Contains(name, StringComparer.OrdinalIgnoreCase) && !(type == RedisStreamOptions.TypeName && IsOfAddress(path));
    }

    private static bool IsOfAddress(string path) =>
        CentrifugoRedis.OptionNames.Any(name => name.Split('.')[0].Equals(path.Split(':')[0], StringComparison.OrdinalIgnoreCase));

    // Version 5 has disabled, version 6 enabled.
    private static bool IsOff(IConfigurationSection section) =>
        (bool.TryParse(section["enabled"], out var isOn) && !isOn) || (bool.TryParse(section["disabled"], out var isOff) && isOff);

    private static IEnumerable<string> Of(string type, params string[] options) => options.Select(option => $"{type}.{option}");

    private static IEnumerable<string> Mode(string type, string kind) => Of(
        type,
        [
            "publication_data_mode.enabled",
            .. ModeParts.Select(part => $"publication_data_mode.{part}_{kind}"),
            $"publication_data_mode.tags_{kind}_prefix",
        ]);
}
