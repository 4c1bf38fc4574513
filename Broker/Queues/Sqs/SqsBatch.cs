using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Queues.Sqs;

/// <summary>The messages of one answer: they are carried out, in the order of their groups, and deleted.</summary>
/// <remarks>
/// DESIGN. A message that fails for now keeps its place; until it is done, all that is not deleted is hidden from other nodes for longer, and what is done is deleted
/// in between. If the server refuses that, the rest is left: it comes again.
/// </remarks>
internal sealed class SqsBatch(AmazonSQSClient client, SqsOptions options, ConsumerWork work, string queue, IReadOnlyList<Message> messages) : IDisposable
{
    private readonly Leases<Message> _leases = new(work.Time);
    private readonly List<Message> _done = [];

    // The server refuses to hide what was deleted in the meantime.
    private readonly SemaphoreSlim _turn = new(1);

    private string Name => queue[(queue.LastIndexOf('/') + 1)..];

    /// <exception cref="AmazonSQSException">The server refuses.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            _leases.Hold(message);
        }

        try
        {
            await Together.RunAsync(cancellation, HandleAsync, stop => _leases.KeepAsync(options.Visibility / 3, _ => SettleAsync((int)options.Visibility.TotalSeconds), stop));
        }
        finally
        {
            await SettleAsync(seconds: 0);
        }
    }

    public void Dispose() => _turn.Dispose();

    private Task HandleAsync(CancellationToken stop) => Parallel.ForEachAsync(
        messages.GroupBy(SqsMessage.GroupOf),
        new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = stop },
        async (group, stopAll) =>
        {
            foreach (var message in group)
            {
                stopAll.ThrowIfCancellationRequested();
                await HandleAsync(message, stopAll);
            }
        });

    private async Task HandleAsync(Message message, CancellationToken stop)
    {
        var place = $"{Name} {message.MessageId}";
        if (SqsMessage.TryRead(message, options.HasEnvelope, place, out var read))
        {
            await work.HandleAsync(read, DeleteAsync, stop);
        }
        else
        {
            work.Skip(place, "it has no envelope of SNS");
        }

        lock (_done)
        {
            _done.Add(message);
        }
    }

    private ValueTask DeleteAsync() => InTurnAsync(DeleteDoneAsync);

    // Deletes what is done, and hides the rest; 0 seconds: gives it back.
    private async Task SettleAsync(int seconds) => await InTurnAsync(async () =>
    {
        await DeleteDoneAsync();
        await HideAsync(_leases.Held, seconds);
    });

    private async ValueTask InTurnAsync(Func<Task> call)
    {
        await _turn.WaitAsync();
        try
        {
            await call();
        }
        finally
        {
            _turn.Release();
        }
    }

    // Not cancelled: what is done should not be done again after the next start.
    private async Task DeleteDoneAsync()
    {
        Message[] done;
        lock (_done)
        {
            done = [.. _done];
            _done.Clear();
        }

        if (done.Length > 0)
        {
            var answer = await client.DeleteMessageBatchAsync(queue, [.. done.Select((message, i) => new DeleteMessageBatchRequestEntry(IdOf(i), message.ReceiptHandle))]);
            ThrowIfAny(answer.Failed);
            Array.ForEach(done, _leases.Release);
        }
    }

    private async Task HideAsync(ICollection<Message> held, int seconds)
    {
        if (held.Count > 0)
        {
            var answer = await client.ChangeMessageVisibilityBatchAsync(
                queue, [.. held.Select((message, i) => new ChangeMessageVisibilityBatchRequestEntry(IdOf(i), message.ReceiptHandle) { VisibilityTimeout = seconds })]);
            ThrowIfAny(answer.Failed);
        }
    }

    private static string IdOf(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static void ThrowIfAny(List<BatchResultErrorEntry>? failed)
    {
        if (failed is [var first, ..])
        {
            throw new AmazonSQSException($"{failed.Count} messages were refused: {first.Code}, {first.Message}");
        }
    }
}
