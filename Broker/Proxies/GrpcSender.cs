using System.Collections.Concurrent;
using System.Security.Authentication;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Proxies.Messages;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClawEvents.Broker.Proxies;

/// <summary>Asks back ends over gRPC. docs/reference/proxies.md#grpc</summary>
/// <remarks>Thread-safe. One channel for each back end and limit of answers, made at its first event. Nothing is sent twice, as over HTTP.</remarks>
internal sealed class GrpcSender(TimeProvider time) : IProxyTransport, IDisposable
{
    private readonly ConcurrentDictionary<(string Name, int MaxBytes), Lazy<GrpcChannel>> _channels = new();

    /// <inheritdoc/>
    public Task<FetchResult> AskAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        TryAsync(proxy, caller, ProxySender.MaxBytesOf(happened.Kind), (client, options) => CallAsync(client, new(proxy, caller, happened), options), cancellation);

    /// <summary>Opens a stream for one subscription and waits for its first message, which is the answer.</summary>
    /// <returns>The stream has to be disposed of, whatever the answer.</returns>
    public async Task<(FetchResult Answer, SubscriptionStream Stream)> OpenStreamAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, SubscribeStream direction)
    {
        var stream = new SubscriptionStream();
        var answer = await TryAsync(proxy, caller, ProxySender.MaxAnswerBytes, async (client, options) => await stream.OpenAsync(client, new(proxy, caller, happened), direction, options) is { } first ? GrpcAnswer.Write(first) : null, default);
        return (answer, stream);
    }

    private async Task<FetchResult> TryAsync(ProxySettings proxy, ProxyCaller caller, int maxBytes, Func<CentrifugoProxy.CentrifugoProxyClient, CallOptions, Task<byte[]?>> callAsync, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(proxy.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            var client = new CentrifugoProxy.CentrifugoProxyClient(ChannelTo(proxy, maxBytes));
            var body = await callAsync(client, new CallOptions(GrpcChannels.MetadataOf(proxy, caller.Headers), cancellationToken: either.Token));
            return body is null ? new(null, 0, "malformed answer") : new(body, 200, "");
        }
        catch (RpcException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            return new(null, 0, FaultOf(exception, timeout.IsCancellationRequested));
        }
        catch (AuthenticationException)
        {
            return new(null, 0, "its PEM files cannot be used");
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values.Where(channel => channel.IsValueCreated))
        {
            channel.Value.Dispose();
        }
    }

    private GrpcChannel ChannelTo(ProxySettings proxy, int maxBytes) =>
        _channels.GetOrAdd((proxy.Name, maxBytes), _ => new(() => GrpcChannels.Open(proxy, maxBytes))).Value;

    private static async Task<byte[]?> CallAsync(CentrifugoProxy.CentrifugoProxyClient client, GrpcQuestion question, CallOptions options) => question.Kind switch
    {
        ProxyEventKind.Connect => GrpcAnswer.Write(await client.ConnectAsync(question.Connect(), options)),
        ProxyEventKind.Refresh => GrpcAnswer.Write(await client.RefreshAsync(question.Refresh(), options)),
        ProxyEventKind.Subscribe => GrpcAnswer.Write(await client.SubscribeAsync(question.Subscribe(), options)),
        ProxyEventKind.Publish => GrpcAnswer.Write(await client.PublishAsync(question.Publish(), options)),
        ProxyEventKind.SubRefresh => GrpcAnswer.Write(await client.SubRefreshAsync(question.SubRefresh(), options)),
        ProxyEventKind.MapPublish => GrpcAnswer.Write(await client.MapPublishAsync(question.MapPublish(), options)),
        ProxyEventKind.MapRemove => GrpcAnswer.Write(await client.MapRemoveAsync(question.MapRemove(), options)),
        ProxyEventKind.SharedPollRefresh => GrpcAnswer.Write(await client.SharedPollRefreshAsync(question.SharedPollRefresh(), options)),
        _ => GrpcAnswer.Write(await client.RPCAsync(question.Rpc(), options)),
    };

    // Texts of a back end stay out of the log, as over HTTP.
    private static string FaultOf(RpcException exception, bool isTimeout) => exception.StatusCode switch
    {
        _ when isTimeout => "timeout",
        StatusCode.Unavailable => "no connection",
        StatusCode.ResourceExhausted => "answer too large",
        var status => $"status {status}",
    };
}
