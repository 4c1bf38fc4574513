using System.Threading.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Queues.PubSub.Messages;
using Grpc.Core;

namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>One stream of messages: they are carried out, in the order of their keys, and acknowledged.</summary>
/// <remarks>
/// DESIGN. Four tasks end together: one reads the stream, one asks for more time for what is not acknowledged, one acknowledges, one waits for a fault. After
/// them what is in work is finished and acknowledged, and the rest given back, so that the next stream, or another node, gets it at once.
/// </remarks>
internal sealed class PubSubStream
{
    private const int LeaseSeconds = 60;

    // Of one request: an id has some 200 bytes, and a request half a megabyte.
    private const int MostIds = 1_000;

    private static readonly TimeSpan LeaseInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(15);

    // A server may be silent before the first message. A stream that it has not refused until then works.
    private static readonly TimeSpan DoubtTime = TimeSpan.FromSeconds(5);

    private readonly Subscriber.SubscriberClient _client;
    private readonly PubSubOptions _options;
    private readonly ConsumerWork _work;
    private readonly Action _onAnswer;
    private readonly string _id;
    private readonly string _name;
    private readonly Metadata _route;
    private readonly Leases<string> _leases;
    private readonly OutstandingMessages _outstanding;
    private readonly Channel<string> _done = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    public PubSubStream(Subscriber.SubscriberClient client, PubSubOptions options, ConsumerWork work, string subscription, Action onAnswer)
    {
        (_client, _options, _work, _onAnswer, _id) = (client, options, work, onAnswer, subscription);
        _name = $"projects/{options.Project}/subscriptions/{subscription}";
        _route = new() { { "x-goog-request-params", $"subscription={Uri.EscapeDataString(_name)}" } };
        _leases = new(work.Time);
        _outstanding = new(options.MaxMessages, options.MaxBytes);
    }

    /// <summary>It has brought a message, or stood for a while: its end is a usual one.</summary>
    public bool HasWorked { get; private set; }

    /// <exception cref="RpcException">The server is away, or refuses.</exception>
    /// <exception cref="IOException">The server has ended a stream that has worked.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var call = _client.StreamingPull(_route, cancellationToken: CancellationToken.None);
        await call.RequestStream.WriteAsync(
            new() { Subscription = _name, StreamAckDeadlineSeconds = LeaseSeconds, ClientId = Guid.NewGuid().ToString("D"), MaxOutstandingMessages = _options.MaxMessages, MaxOutstandingBytes = _options.MaxBytes },
            cancellation);
        var lanes = new Lanes<ReceivedMessage>(HandleAsync);
        try
        {
            await Together.RunAsync(cancellation, stop => ReadAsync(call.ResponseStream, lanes, stop), stop => _leases.KeepAsync(LeaseInterval, ids => ExtendAsync(ids, LeaseSeconds), stop), AcknowledgeAsync, lanes.WaitForFaultAsync);
        }
        finally
        {
            await lanes.DisposeAsync();
            await SettleAsync();
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<StreamingPullResponse> stream, Lanes<ReceivedMessage> lanes, CancellationToken stop)
    {
        while (await NextAsync(stream, stop))
        {
            _onAnswer();
            var received = stream.Current.ReceivedMessages;
            HasWorked |= received.Count > 0;
            foreach (var message in received)
            {
                _leases.Hold(message.AckId);
            }

            foreach (var message in received)
            {
                await _outstanding.AddAsync(message.Message.Data.Length, stop);
                lanes.Add(message.Message.OrderingKey, message);
            }
        }

        throw new IOException("the server has ended the stream");
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<StreamingPullResponse> stream, CancellationToken stop)
    {
        var next = stream.MoveNext(stop);
        if (!HasWorked && await Task.WhenAny(next, Task.Delay(DoubtTime, _work.Time, stop)) != next && !stop.IsCancellationRequested)
        {
            HasWorked = true;
            _onAnswer();
        }

        try
        {
            return await next;
        }
        catch (RpcException exception) when (HasWorked)
        {
            throw new IOException("the server has ended the stream", exception);
        }
    }

    private async Task HandleAsync(ReceivedMessage received, CancellationToken stop)
    {
        var message = received.Message;
        await _work.HandleAsync(new($"{_id} {message.MessageId}", message.Attributes, message.Data.Memory), stop);
        _done.Writer.TryWrite(received.AckId);
        _outstanding.Remove(message.Data.Length);
    }

    private async Task AcknowledgeAsync(CancellationToken stop)
    {
        while (await _done.Reader.WaitToReadAsync(stop))
        {
            await AcknowledgeDoneAsync();
        }
    }

    // Not cancelled: what is done should not be done again after the next start.
    private async Task AcknowledgeDoneAsync()
    {
        var request = new AcknowledgeRequest { Subscription = _name };
        while (request.AckIds.Count < MostIds && _done.Reader.TryRead(out var id))
        {
            request.AckIds.Add(id);
        }

        if (request.AckIds.Count > 0)
        {
            await _client.AcknowledgeAsync(request, _route, DateTime.UtcNow + AnswerTime);
            foreach (var id in request.AckIds)
            {
                _leases.Release(id);
            }
        }
    }

    private async Task ExtendAsync(IEnumerable<string> ids, int seconds)
    {
        foreach (var some in ids.Chunk(MostIds))
        {
            await _client.ModifyAckDeadlineAsync(new() { Subscription = _name, AckDeadlineSeconds = seconds, AckIds = { some } }, _route, DateTime.UtcNow + AnswerTime);
        }
    }

    private async Task SettleAsync()
    {
        try
        {
            while (_done.Reader.TryPeek(out _))
            {
                await AcknowledgeDoneAsync();
            }

            await ExtendAsync(_leases.Held, seconds: 0);
        }
        catch (RpcException)
        {
            // The server is away: it gives them out again by itself, when their time is over.
        }
    }
}
