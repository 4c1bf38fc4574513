using System.Collections.Concurrent;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Proxies.Messages;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A stream of a subscription, at the back end.</summary>
/// <param name="Requests">Null: unidirectional.</param>
/// <param name="Gone">Cancelled when the broker has ended it.</param>
internal sealed record FarStream(
    SubscribeRequest First, IAsyncStreamReader<StreamSubscribeRequest>? Requests, IServerStreamWriter<StreamSubscribeResponse> Responses, CancellationToken Gone)
{
    public Task AllowAsync(SubscribeResponse? answer = null) => Responses.WriteAsync(new() { SubscribeResponse = answer ?? new() });

    public Task PublishAsync(string data) => Responses.WriteAsync(new() { Publication = new() { Data = ByteString.CopyFromUtf8(data) } });

    public Task WhenGoneAsync()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Gone.Register(gone.SetResult);
        return gone.Task.WaitAsync(RunningBroker.Patience);
    }
}

/// <summary>An operator's back end that speaks gRPC: it records requests, and answers as the test wants.</summary>
internal sealed class RunningGrpcBackEnd : CentrifugoProxy.CentrifugoProxyBase, IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<(IMessage Request, Metadata Headers)> _asked = new();

    private RunningGrpcBackEnd(RunningCertificate? certificate, RunningCertificate? client)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            certificate?.Serve(listen, client);
        }));
        builder.Services.AddRoutingCore().AddSingleton(this).AddGrpc();
        _application = builder.Build();
        _application.UseRouting();
        _application.MapGrpcService<RunningGrpcBackEnd>();
    }

    /// <summary>The answer to a request: a response, or an exception; by default an empty response.</summary>
    public Func<IMessage, CancellationToken, Task<IMessage?>> Answer { get; set; } = (_, _) => Task.FromResult<IMessage?>(null);

    /// <summary>What a stream of a subscription does; by default it allows the subscription, and stays open until the broker ends it.</summary>
    public Func<FarStream, Task> Stream { get; set; } = async stream =>
    {
        await stream.AllowAsync();
        await stream.WhenGoneAsync();
    };

    public IReadOnlyList<IMessage> Requests => [.. _asked.Select(asked => asked.Request)];

    public IReadOnlyList<Metadata> Headers => [.. _asked.Select(asked => asked.Headers)];

    /// <summary>As a setting, without TLS.</summary>
    public ProxySettings Settings => new("backend", new UriBuilder(Origin) { Scheme = ProxySettings.GrpcScheme }.Uri) { Timeout = RunningBroker.Patience };

    private Uri Origin => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<RunningGrpcBackEnd> StartAsync(RunningCertificate? certificate = null, RunningCertificate? client = null)
    {
        var backEnd = new RunningGrpcBackEnd(certificate, client);
        await backEnd._application.StartAsync();
        return backEnd;
    }

    public void AnswerWith(IMessage answer) => Answer = (_, _) => Task.FromResult<IMessage?>(answer);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    public override Task<ConnectResponse> Connect(ConnectRequest request, ServerCallContext context) => AnswerAsync(request, context, new ConnectResponse());

    public override Task<RefreshResponse> Refresh(RefreshRequest request, ServerCallContext context) => AnswerAsync(request, context, new RefreshResponse());

    public override Task<SubscribeResponse> Subscribe(SubscribeRequest request, ServerCallContext context) => AnswerAsync(request, context, new SubscribeResponse());

    public override Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context) => AnswerAsync(request, context, new PublishResponse());

    public override Task<SubRefreshResponse> SubRefresh(SubRefreshRequest request, ServerCallContext context) => AnswerAsync(request, context, new SubRefreshResponse());

    public override Task<MapPublishResponse> MapPublish(MapPublishRequest request, ServerCallContext context) => AnswerAsync(request, context, new MapPublishResponse());

    public override Task<MapRemoveResponse> MapRemove(MapRemoveRequest request, ServerCallContext context) => AnswerAsync(request, context, new MapRemoveResponse());

    public override Task<RPCResponse> RPC(RPCRequest request, ServerCallContext context) => AnswerAsync(request, context, new RPCResponse());

    public override Task SubscribeUnidirectional(SubscribeRequest request, IServerStreamWriter<StreamSubscribeResponse> responseStream, ServerCallContext context)
    {
        _asked.Enqueue((request, context.RequestHeaders));
        return Stream(new(request, null, responseStream, context.CancellationToken));
    }

    public override async Task SubscribeBidirectional(IAsyncStreamReader<StreamSubscribeRequest> requestStream, IServerStreamWriter<StreamSubscribeResponse> responseStream, ServerCallContext context)
    {
        Assert.That(await requestStream.MoveNext(context.CancellationToken), Is.True);
        _asked.Enqueue((requestStream.Current.SubscribeRequest, context.RequestHeaders));
        await Stream(new(requestStream.Current.SubscribeRequest, requestStream, responseStream, context.CancellationToken));
    }

    public override Task<SharedPollRefreshResponse> SharedPollRefresh(SharedPollRefreshRequest request, ServerCallContext context) =>
        AnswerAsync(request, context, new SharedPollRefreshResponse());

    private async Task<TResponse> AnswerAsync<TResponse>(IMessage request, ServerCallContext context, TResponse empty)
        where TResponse : class, IMessage
    {
        _asked.Enqueue((request, context.RequestHeaders));
        return await Answer(request, context.CancellationToken) as TResponse ?? empty;
    }
}
