using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A server of Kafka that the client library has for tests: it speaks the protocol on the loopback address, knows groups, and keeps everything in memory.</summary>
internal sealed partial class MockKafka : IDisposable
{
    public const string Topic = "commands";
    public const string Group = "clawevents";
    public const int Partitions = 4;

    private const string Library = "librdkafka";
    private const int Producer = 0;
    private const int Id = 1;
    private const int RebalanceDelayMilliseconds = 100;

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(20);

    // Once for the assembly.
    private static readonly Lazy<bool> Found = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(MockKafka).Assembly, Find);
        return true;
    });

    private readonly nint _host;
    private readonly nint _server;
    private readonly IProducer<Null, byte[]> _producer;
    private readonly IConsumer<Ignore, Ignore> _asker;

    /// <param name="hasTopic">False: <see cref="MakeTopic"/> makes it later.</param>
    public MockKafka(bool hasTopic = true)
    {
        _ = Found.Value;
        _host = MakeClient(Producer, MakeConfiguration(), 0, 0);
        _server = MakeServer(_host, 1);
        DelayRebalances(_server, RebalanceDelayMilliseconds);
        Address = Marshal.PtrToStringUTF8(AddressOf(_server))!;
        if (hasTopic)
        {
            MakeTopic();
        }

        _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = Address, LingerMs = 1, AllowAutoCreateTopics = false }).Build();
        _asker = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Address, GroupId = Group, EnableAutoCommit = false }).Build();
    }

    public string Address { get; }

    public void MakeTopic() => Assert.That(AddTopic(_server, Topic, Partitions, 1), Is.Zero);

    /// <summary>Its connections end, and no new ones are accepted.</summary>
    public void Stop() => Assert.That(SetDown(_server, Id), Is.Zero);

    /// <summary>After <see cref="Stop"/>, with the same messages.</summary>
    public void Continue() => Assert.That(SetUp(_server, Id), Is.Zero);

    /// <summary>Adds messages in their order, and waits until all are there.</summary>
    public void Publish(IEnumerable<(int Partition, string? Payload, (string Name, string Value)[] Headers)> messages)
    {
        foreach (var (partition, payload, headers) in messages)
        {
            var message = new Message<Null, byte[]> { Value = payload is null ? null! : Encoding.UTF8.GetBytes(payload), Headers = new Headers() };
            foreach (var (name, value) in headers)
            {
                message.Headers.Add(name, Encoding.UTF8.GetBytes(value));
            }

            Send(new(Topic, partition), message);
        }

        Assert.That(_producer.Flush(AnswerTime), Is.Zero);
    }

    public void Publish(int partition, string? payload, params (string Name, string Value)[] headers) => Publish([(partition, payload, headers)]);

    /// <summary>Publications of the numbers to <c>chat:PARTITION</c>, over all partitions in turn.</summary>
    public void PublishNumbers(int first, int count) => Publish(Enumerable.Range(first, count).Select(n => (
        n % Partitions,
        (string?)string.Create(CultureInfo.InvariantCulture, $$$"""{"channel":"chat:{{{n % Partitions}}}","data":{"n":{{{n}}}}}"""),
        new[] { ("centrifugo-method", "publish") })));

    /// <summary>Messages of all partitions that the group is done with.</summary>
    public long Committed() => _asker.Committed(Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(Topic, partition)), AnswerTime)
        .Sum(one => one.Offset.IsSpecial ? 0 : one.Offset.Value);

    public void Dispose()
    {
        _producer.Dispose();
        _asker.Dispose();
        EndServer(_server);
        EndClient(_host);
    }

    // The library has a limit of messages that wait.
    private void Send(TopicPartition place, Message<Null, byte[]> message)
    {
        while (true)
        {
            try
            {
                _producer.Produce(place, message);
                return;
            }
            catch (ProduceException<Null, byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Flush(AnswerTime);
            }
        }
    }

    // The package has one for machines without the SASL library, too, under another name; the client looks for both.
    private static nint Find(string name, Assembly caller, DllImportSearchPath? path) =>
        name == Library && (NativeLibrary.TryLoad(name, caller, path, out var library) || NativeLibrary.TryLoad($"centos8-{name}", caller, path, out library)) ? library : 0;

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint MakeConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    private static partial nint MakeClient(int type, nint configuration, nint fault, nint faultSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static partial void EndClient(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial nint MakeServer(nint client, int count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void EndServer(nint server);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint AddressOf(nint server);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    private static partial void DelayRebalances(nint server, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddTopic(nint server, string topic, int partitions, int replicas);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int SetDown(nint server, int id);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int SetUp(nint server, int id);
}
