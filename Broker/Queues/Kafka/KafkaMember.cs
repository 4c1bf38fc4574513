using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;
using Confluent.Kafka;

namespace ClawEvents.Broker.Queues.Kafka;

/// <summary>A member of a group, and the partitions that the group has given to it.</summary>
/// <remarks>
/// DESIGN. One thread polls, and on it the library tells which partitions come and go. Each partition has a task that carries out its messages in their order and
/// marks them as done; the library commits the marks once a second, and before it gives a partition away. A partition that goes is waited for: the message in work
/// is finished and marked, and the rest of its queue is dropped, because the next owner gets it. Not thread-safe.
/// </remarks>
internal sealed class KafkaMember : IDisposable
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LagInterval = TimeSpan.FromSeconds(1);

    // After an error that the servers have answered with, an answer alone does not show that it is over.
    private static readonly TimeSpan DoubtTime = TimeSpan.FromSeconds(10);

    private readonly KafkaOptions _options;
    private readonly ConsumerWork _work;
    private readonly ILogger<KafkaConsumer> _logger;
    private readonly IConsumer<Ignore, byte[]> _client;
    private readonly Dictionary<TopicPartition, KafkaPartition> _partitions = [];
    private Exception? _fault;
    private string? _cause;
    private bool _isSuspect;
    private bool _isAway = true;
    private bool _isSubscribed;
    private long _lagRead;
    private long _doubtedAt;

    /// <exception cref="InvalidOperationException">The library does not accept an option, as a certificate that cannot be read.</exception>
    public KafkaMember(KafkaOptions options, ConsumerWork work, ILogger<KafkaConsumer> logger)
    {
        (_options, _work, _logger) = (options, work, logger);
        _client = new ConsumerBuilder<Ignore, byte[]>(KafkaServer.Of(options))
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler((_, message) =>
            {
                KafkaLog.Write(logger, options.Name, message);
                _cause = KafkaLog.CauseIn(message) ?? _cause;
            })
            .SetPartitionsAssignedHandler((_, places) => places.ForEach(Start))
            .SetPartitionsRevokedHandler((_, places) => GiveAway(places.Select(place => place.TopicPartition)))
            .SetPartitionsLostHandler((_, places) => Stop(places.Select(place => place.TopicPartition)))
            .Build();
    }

    /// <summary>It cannot go on, and has to be replaced by a new one.</summary>
    public bool IsBroken => Volatile.Read(ref _fault) is not null;

    /// <summary>Reads until it is cancelled. After any exception it can be called again, unless the member is broken.</summary>
    /// <param name="onAnswer">Called once, when the servers have answered and the group knows this member.</param>
    /// <exception cref="IOException">The servers are away, or a topic is missing.</exception>
    /// <exception cref="KafkaException">The servers refuse something.</exception>
    public void Read(Action onAnswer, CancellationToken cancellation)
    {
        AskForTopics();
        Subscribe();
        var isAnswered = false;
        while (!cancellation.IsCancellationRequested)
        {
            var message = Poll();
            if (message is not null && _partitions.TryGetValue(message.TopicPartition, out var partition))
            {
                partition.Add(message);
            }

            if (!isAnswered && (message is not null || IsMember()))
            {
                isAnswered = true;
                onAnswer();
            }

            if (_isSuspect)
            {
                AskForTopics();
            }

            ReadLag();
        }
    }

    /// <summary>Finishes what is in work, commits, and leaves the group.</summary>
    public void Leave()
    {
        using (this)
        {
            _client.Close();
        }
    }

    /// <summary>Finishes what is in work. The group notices later.</summary>
    public void Dispose()
    {
        Stop([.. _partitions.Keys]);
        _client.Dispose();
    }

    private ConsumeResult<Ignore, byte[]>? Poll()
    {
        try
        {
            var message = _client.Consume(PollTime);
            return _fault is { } fault ? throw new InvalidOperationException($"the reader has failed: {fault.Message}", fault) : message;
        }
        catch (ConsumeException exception)
        {
            _doubtedAt = _work.Time.GetTimestamp();
            if (exception.Error.IsFatal)
            {
                _fault = exception;
            }

            throw;
        }
    }

    // The library connects by itself, and does not say when it has.
    private void AskForTopics()
    {
        (_isSuspect, _isAway) = (false, true);
        using var admin = new DependentAdminClientBuilder(_client.Handle).Build();
        foreach (var topic in _options.Topics)
        {
            try
            {
                var answer = admin.GetMetadata(topic, AnswerTime).Topics.Find(one => one.Topic == topic);
                if (answer is { Error.IsError: true })
                {
                    throw new IOException($"topic {topic}: {answer.Error.Reason}");
                }
            }
            catch (KafkaException exception)
            {
                throw new IOException(_cause ?? exception.Error.Reason, exception);
            }
        }

        _isAway = false;
    }

    // Not before the topics are there: the library would look for those that are missing only every few minutes.
    private void Subscribe()
    {
        if (!_isSubscribed)
        {
            _client.Subscribe(_options.Topics);
            _isSubscribed = true;
        }
    }

    private bool IsMember() => (_doubtedAt == 0 || _work.Time.GetElapsedTime(_doubtedAt) > DoubtTime) && _client.MemberId is { Length: > 0 };

    private void OnError(Error error)
    {
        _isSuspect |= error.Code == ErrorCode.Local_AllBrokersDown;
        if (error.IsFatal)
        {
            _fault = new KafkaException(error);
        }
    }

    private void Start(TopicPartition place) =>
        _partitions[place] = new(_client, _work, place, _options.QueueSize, exception => Volatile.Write(ref _fault, exception));

    // The library's own commit of these partitions is not waited for, and comes too late when the group takes them at once.
    private void GiveAway(IEnumerable<TopicPartition> places)
    {
        Stop(places);
        try
        {
            if (!_isAway)
            {
                _client.Commit();
            }
        }
        catch (KafkaException exception)
        {
            KafkaLog.NotCommitted(_logger, _options.Name, exception.Error.Reason);
        }
    }

    private void Stop(IEnumerable<TopicPartition> places)
    {
        var ending = new List<Task>();
        foreach (var place in places)
        {
            if (_partitions.Remove(place, out var partition))
            {
                ending.Add(partition.DisposeAsync().AsTask());
            }
        }

        Task.WhenAll(ending).GetAwaiter().GetResult();
    }

    private void ReadLag()
    {
        if (_lagRead == 0 || _work.Time.GetElapsedTime(_lagRead) >= LagInterval)
        {
            _lagRead = _work.Time.GetTimestamp();
            _work.Lag = _partitions.Sum(one => one.Value.LagBehind(_client.GetWatermarkOffsets(one.Key).High));
        }
    }
}
