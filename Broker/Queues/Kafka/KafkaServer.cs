using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;
using Confluent.Kafka;

namespace ClawEvents.Broker.Queues.Kafka;

/// <summary>Translates options to what the client library needs.</summary>
internal static class KafkaServer
{
    private const int CommitMilliseconds = 1000;

    // A node that died is noticed after it: its partitions stand still until then.
    private const int SessionMilliseconds = 10_000;

    // Fetched and not read from the library yet, over all partitions. A pause drops them.
    private const int FetchedKilobytes = 16 * 1024;

    // Of one partition; less than that is fetched again.
    private const int LeastFetched = 1_000;

    private const int LeastMessageBytes = 1_000;
    private const int MostMessageBytes = 1_000_000;

    public static ConsumerConfig Of(KafkaOptions options)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = string.Join(',', options.Brokers),
            ClientId = "clawevents-broker",
            GroupId = options.Group,
            GroupInstanceId = options.Instance,

            // Centrifugo's: members of one group need one in common, and its nodes may be in the same group during a move.
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
            EnableAutoCommit = true,
            AutoCommitIntervalMs = CommitMilliseconds,
            SessionTimeoutMs = SessionMilliseconds,
            IsolationLevel = options.ReadsUncommitted ? IsolationLevel.ReadUncommitted : IsolationLevel.ReadCommitted,
            AllowAutoCreateTopics = false,
            FetchWaitMaxMs = (int)options.FetchWait.TotalMilliseconds,
            FetchMaxBytes = Math.Max(options.MaxFetchBytes, LeastMessageBytes),
            MessageMaxBytes = Math.Clamp(options.MaxFetchBytes, LeastMessageBytes, MostMessageBytes),
            QueuedMinMessages = Math.Max(options.QueueSize, LeastFetched),
            QueuedMaxMessagesKbytes = FetchedKilobytes,

            // By default a full second, in which a fast reader has nothing to do.
            FetchQueueBackoffMs = 20,
            SocketConnectionSetupTimeoutMs = (int)options.DialTimeout.TotalMilliseconds,
            ReconnectBackoffMaxMs = 5_000,
            ConsumeResultFields = "headers,topic",
        };
        Secure(config, options);
        return config;
    }

    private static void Secure(ConsumerConfig config, KafkaOptions options)
    {
        config.SecurityProtocol = (options.Tls, options.Mechanism) switch
        {
            (null, null) => SecurityProtocol.Plaintext,
            (null, _) => SecurityProtocol.SaslPlaintext,
            (_, null) => SecurityProtocol.Ssl,
            _ => SecurityProtocol.SaslSsl,
        };
        if (options.Mechanism is { } mechanism)
        {
            config.Set("sasl.mechanism", mechanism);
            (config.SaslUsername, config.SaslPassword) = (options.User, options.Password);
        }

        if (options.Tls is { } tls)
        {
            config.EnableSslCertificateVerification = !tls.SkipsVerification;
            SetPem(config, "ssl.ca", tls.Authorities);
            SetPem(config, "ssl.certificate", tls.Certificate);
            SetPem(config, "ssl.key", tls.Key);
        }
    }

    private static void SetPem(ConsumerConfig config, string property, string? fileOrText)
    {
        if (fileOrText is not null)
        {
            var isText = PemText.IsText(fileOrText);
            config.Set($"{property}.{(isText ? "pem" : "location")}", isText ? PemText.Read(fileOrText) : fileOrText);
        }
    }
}
