using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Proxies.Messages;
using Google.Protobuf;
using Grpc.Core;

namespace ClawEvents.Broker.Proxies;

/// <summary>A stream that a back end keeps open for one subscription, over gRPC. docs/reference/proxies.md#streams</summary>
/// <remarks>Flow control is that of HTTP/2: a back end that does not read makes the client's publishes wait.</remarks>
internal sealed class SubscriptionStream : ISubscriptionSource
{
    private readonly CancellationTokenSource _end = new();

    // A call takes one message at a time.
    private readonly SemaphoreSlim _sending = new(1, 1);
    private IAsyncStreamReader<StreamSubscribeResponse>? _responses;
    private IClientStreamWriter<StreamSubscribeRequest>? _requests;

    /// <inheritdoc/>
    public bool TakesPublications => _requests is not null;

    /// <summary>Asks, and waits for the first message. To be called once, before anything else.</summary>
    /// <param name="options">Its token is the time limit for the first message.</param>
    /// <returns>Null when the first message is no answer.</returns>
    /// <exception cref="RpcException">There was no answer, or not in time.</exception>
    public async Task<SubscribeResponse?> OpenAsync(CentrifugoProxy.CentrifugoProxyClient client, GrpcQuestion question, SubscribeStream direction, CallOptions options)
    {
        await using var tooLate = options.CancellationToken.UnsafeRegister(static stream => ((SubscriptionStream)stream!).Dispose(), this);
        var lasting = options.WithCancellationToken(_end.Token);
        if (direction is SubscribeStream.Bidirectional)
        {
            var call = client.SubscribeBidirectional(lasting);
            (_responses, _requests) = (call.ResponseStream, call.RequestStream);
            await _requests.WriteAsync(new() { SubscribeRequest = question.Subscribe() });
        }
        else
        {
            _responses = client.SubscribeUnidirectional(question.Subscribe(), lasting).ResponseStream;
        }

        return await _responses.MoveNext(default) ? _responses.Current.SubscribeResponse : null;
    }

    /// <inheritdoc/>
    public async Task<SourceEnd> ReadAsync(Action<Channels.Publication> deliver)
    {
        try
        {
            while (await _responses!.MoveNext(default))
            {
                if (_responses.Current.Publication is { } publication)
                {
                    deliver(new(publication.Data.Memory, Tags: publication.Tags.Count > 0 ? new Dictionary<string, string>(publication.Tags) : null));
                }
            }

            return EndOr(SourceEnd.Finished);
        }
        catch (Exception exception) when (exception is RpcException or ObjectDisposedException)
        {
            return EndOr(SourceEnd.Lost);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> data)
    {
        await _sending.WaitAsync();
        try
        {
            await _requests!.WriteAsync(new() { Publication = new() { Data = ByteString.CopyFrom(data.Span) } });
            return true;
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // The call is over: the subscription ends, too, where its end is read.
            return false;
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _end.Cancel();

    private SourceEnd EndOr(SourceEnd end) => _end.IsCancellationRequested ? SourceEnd.Disposed : end;
}
