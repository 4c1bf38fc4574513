using Amazon.SQS;
using Amazon.SQS.Model;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Queues.Sqs;

/// <summary>Reads queues of AWS SQS: each by asking for some messages, and asking again when they are done.</summary>
internal sealed class SqsConsumer(SqsOptions options, ConsumerWork work) : IConsumer
{
    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(options.Queues.Select(queue => work.KeepRunningAsync((onAnswer, stop) => ReadAsync(queue, onAnswer, stop), cancellation)));

    private async Task ReadAsync(string queue, Action onAnswer, CancellationToken cancellation)
    {
        using var client = SqsServer.Open(options);

        // The first answer comes at once, though the queue is empty: it shows that the server is there.
        var wait = TimeSpan.Zero;
        while (true)
        {
            var messages = await ReceiveAsync(client, queue, wait, cancellation);
            onAnswer();
            wait = options.PollWait;
            if (messages.Count > 0)
            {
                using var batch = new SqsBatch(client, options, work, queue, messages);
                await batch.RunAsync(cancellation);
            }
        }
    }

    private async Task<IReadOnlyList<Message>> ReceiveAsync(AmazonSQSClient client, string queue, TimeSpan wait, CancellationToken cancellation)
    {
        var request = new ReceiveMessageRequest(queue)
        {
            MaxNumberOfMessages = options.MaxMessages,
            WaitTimeSeconds = (int)wait.TotalSeconds,
            VisibilityTimeout = (int)options.Visibility.TotalSeconds,
            MessageAttributeNames = ["All"],
            MessageSystemAttributeNames = [SqsMessage.Group],
        };
        return (await client.ReceiveMessageAsync(request, cancellation)).Messages ?? [];
    }
}
