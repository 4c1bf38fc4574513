using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Queues.Kafka;

/// <summary>Reads topics of Kafka as one member of a group.</summary>
/// <remarks>
/// A session begins with an answer of the servers, and ends when they are away. The member outlives it: the group keeps its partitions for it while it is away for
/// a short time, and no other node has to take them over. The client library blocks, so a session has a thread of its own.
/// </remarks>
internal sealed class KafkaConsumer(KafkaOptions options, ConsumerWork work, ILogger<KafkaConsumer> logger) : IConsumer
{
    private KafkaMember? _member;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await work.KeepRunningAsync((onAnswer, stop) => RunOnThread(() => Read(onAnswer, stop)), cancellation);
        if (_member is { } member)
        {
            await RunOnThread(member.Leave);
        }
    }

    private void Read(Action onAnswer, CancellationToken cancellation)
    {
        _member ??= new KafkaMember(options, work, logger);
        try
        {
            _member.Read(onAnswer, cancellation);
        }
        finally
        {
            if (_member.IsBroken)
            {
                _member.Dispose();
                _member = null;
            }
        }
    }

    private static Task RunOnThread(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
