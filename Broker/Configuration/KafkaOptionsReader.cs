using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads a queue of Kafka. docs/reference/consumers.md#kafka</summary>
internal static class KafkaOptionsReader
{
    private const string PauseOnEveryPoll = "-1";
    private const int MaxQueue = 1_000_000;
    private const int MaxFetch = 1_000_000_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly string[] Mechanisms = ["plain", "scram-sha-256", "scram-sha-512"];

    public static KafkaOptions Read(ConsumerSection section)
    {
        // A partition has as many messages in memory as its queue, however they come.
        _ = section.Number("max_poll_records", fallback: 100, MaxQueue);
        var options = new KafkaOptions(section.Name, section.Needed("brokers", "localhost:9092"), section.Needed("topics", "commands"), section.Required("consumer_group", "clawevents"));
        options = options with
        {
            QueueSize = section.Text("partition_queue_max_size") == PauseOnEveryPoll ? 1 : section.Number("partition_queue_max_size", options.QueueSize, MaxQueue),
            MaxFetchBytes = section.Number("fetch_max_bytes", options.MaxFetchBytes, MaxFetch),
            FetchWait = section.Duration("fetch_max_wait", options.FetchWait, TimeSpan.FromMilliseconds(1), LongestWait),
            ReadsUncommitted = section.Flag("fetch_read_uncommitted"),
            DialTimeout = section.Duration("dial_timeout", options.DialTimeout, TimeSpan.FromSeconds(1), LongestWait),
            Instance = section.Text("instance_id"),
            Tls = Tls(section),
            Form = ConsumersReader.Form(section, "header", section.TextOr("method_header", "centrifugo-method")),
        };
        return WithSignIn(section, options);
    }

    private static KafkaOptions WithSignIn(ConsumerSection section, KafkaOptions options)
    {
        var (mechanism, user, password) = (section.Text("sasl_mechanism"), section.Text("sasl_user"), section.Secret("sasl_password"));
        if (mechanism is not null && !Mechanisms.Contains(mechanism))
        {
            section.Fault("sasl_mechanism", $"'{mechanism}' is not one of {string.Join(", ", Mechanisms)}", "scram-sha-512");
        }
        else if (mechanism is not null && (user is null || password is null))
        {
            section.Fault("sasl_user", "it and sasl_password are needed with sasl_mechanism", "clawevents");
        }

        return options with { Mechanism = mechanism?.ToUpperInvariant(), User = user, Password = password };
    }

    // The client library compares the certificate with the address, and has no option for another name.
    private static ClientTls? Tls(ConsumerSection section)
    {
        var tls = section.Tls();
        if (tls?.ServerName is not null)
        {
            section.Fault("tls:server_name", "a server of Kafka must have a certificate for its address", "remove it, and give brokers the name of the certificate");
        }

        return tls;
    }
}
