using ClawEvents.Broker.Http;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Configuration;

/// <summary>A queue from which the broker reads commands. docs/reference/consumers.md</summary>
/// <param name="Name">The key in <c>Consumers</c>: in the log, in metrics and in <c>/health</c>.</param>
internal abstract record ConsumerOptions(string Name)
{
    /// <summary>The word of <c>type</c>.</summary>
    public abstract string Type { get; }

    /// <summary>The program that reads what not every one does.</summary>
    protected const string QueuesProgram = "clawevents-broker-queues";

    /// <summary>The program that has its reader; null: every one.</summary>
    public virtual string? Program => null;

    /// <summary>How messages are read.</summary>
    public MessageForm Form { get; init; } = new();
}

/// <summary>Where the parts of a message are: names of its headers, or of the values of an entry. An empty name: the part is never there.</summary>
internal sealed record MessageForm
{
    /// <summary>The method of a command. Without it, the method is in the payload.</summary>
    public string Method { get; init; } = "";

    /// <summary>The payload is data for channels, not a command.</summary>
    public bool IsPublication { get; init; }

    /// <summary>Channels, separated by commas.</summary>
    public string Channels { get; init; } = "centrifugo-channels";

    public string IdempotencyKey { get; init; } = "centrifugo-idempotency-key";

    public string Delta { get; init; } = "centrifugo-delta";

    public string Version { get; init; } = "centrifugo-version";

    public string VersionEpoch { get; init; } = "centrifugo-version-epoch";

    /// <summary>What the names of tags begin with.</summary>
    public string TagPrefix { get; init; } = "centrifugo-tag-";
}

/// <summary>An outbox: a table of PostgreSQL, whose rows are deleted when they are handled.</summary>
/// <param name="Server">Where the table is.</param>
/// <param name="Table">An SQL name, with its schema or without.</param>
internal sealed record OutboxOptions(string Name, PostgresAddress Server, string Table) : ConsumerOptions(Name)
{
    public const string TypeName = "postgresql";

    public override string Type => TypeName;

    /// <summary>Partitions 0 to N - 1 are read, each in order and all of them in parallel.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Rows of one transaction.</summary>
    public int SelectLimit { get; init; } = 100;

    /// <summary>How long an empty partition is left alone.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A channel of LISTEN, whose notifications carry the number of a partition; null: none.</summary>
    public string? NotificationChannel { get; init; }

    /// <summary>The server for LISTEN: not a pooler. Null: <see cref="Server"/>.</summary>
    public PostgresAddress? NotificationServer { get; init; }

    public ClientTls? Tls { get; init; }
}

/// <summary>Streams of Redis, read as one consumer of a group.</summary>
internal sealed record RedisStreamOptions(string Name, RedisAddress Server, IReadOnlyList<string> Streams, string Group) : ConsumerOptions(Name)
{
    public const string TypeName = "redis_stream";

    public override string Type => TypeName;

    /// <summary>The value of an entry that is the payload.</summary>
    public string Payload { get; init; } = "payload";

    /// <summary>An entry that another node has kept unfinished for so long is taken over.</summary>
    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Entries of one stream that are handled at the same time; with 1, in order.</summary>
    public int Workers { get; init; } = 1;
}

/// <summary>A stream of NATS JetStream, read by a durable consumer that all nodes share.</summary>
internal sealed record JetStreamOptions(string Name, string Url, string Stream, string Durable) : ConsumerOptions(Name)
{
    public const string TypeName = "nats_jetstream";

    public override string Type => TypeName;

    /// <summary>The durable consumer is there already, and is used as it is.</summary>
    public bool UsesExisting { get; init; }

    /// <summary>Only messages of these subjects; empty: of all.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>A new durable consumer begins with the first message of the stream; otherwise with the next one.</summary>
    public bool DeliversAll { get; init; }

    /// <summary>Messages that are delivered and not acknowledged yet, on all nodes.</summary>
    public int MaxAckPending { get; init; } = 100;

    public string? CredentialsFile { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? Token { get; init; }

    public ClientTls? Tls { get; init; }
}

/// <summary>Topics of Kafka, read as one member of a group.</summary>
internal sealed record KafkaOptions(string Name, IReadOnlyList<string> Brokers, IReadOnlyList<string> Topics, string Group) : ConsumerOptions(Name)
{
    public const string TypeName = "kafka";

    public override string Type => TypeName;

    public override string Program => QueuesProgram;

    /// <summary>With so many messages of one partition in memory, no more of it are asked for.</summary>
    public int QueueSize { get; init; } = 1000;

    /// <summary>Of one answer of a server.</summary>
    public int MaxFetchBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>How long a server may hold a question when it has nothing new.</summary>
    public TimeSpan FetchWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Messages of transactions that are open, or were aborted, are read, too.</summary>
    public bool ReadsUncommitted { get; init; }

    /// <summary>For a connection to one server, with its handshakes.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The name of a static member of the group; null: the member is a new one at each start.</summary>
    public string? Instance { get; init; }

    /// <summary>As in the protocol: <c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c>; null: no sign-in.</summary>
    public string? Mechanism { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public ClientTls? Tls { get; init; }
}
