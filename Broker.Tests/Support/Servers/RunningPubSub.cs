using System.Collections.Concurrent;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Queues.PubSub.Messages;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PulledMessage = ClawEvents.Broker.Queues.PubSub.Messages.ReceivedMessage;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A subscription of Google Pub/Sub in memory, by the interface of the service (gRPC).</summary>
internal sealed class RunningPubSub : Subscriber.SubscriberBase, ITestQueue
{
    private const string Subscription = "projects/shop/subscriptions/commands";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly WebApplication _application;
    private readonly LeasedQueue _queue = new();
    private readonly ConcurrentQueue<string> _signatures = new();
    private CancellationTokenSource _end = new();
    private volatile bool _isAway;

    private RunningPubSub()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore().AddSingleton(this).AddGrpc();
        _application = builder.Build();
        _application.UseRouting();
        _application.MapGrpcService<RunningPubSub>();
    }

    /// <summary>How long a second of a lease is here.</summary>
    public TimeSpan Second { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>It sends all that it has.</summary>
    public bool IgnoresLimits { get; set; }

    public Uri Origin => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public ConsumerOptions Options => new PubSubOptions("orders", "shop", ["commands"]) { Endpoint = Origin, Form = new() { Method = "centrifugo-method" } };

    public IEnumerable<(string Name, string Value)> Settings => [("type", "google_pub_sub"), ("project_id", "shop"), ("subscriptions", "commands")];

    public IEnumerable<(string Name, string Value)> Variables => [("PUBSUB_EMULATOR_HOST", Origin.Authority)];

    public int Waiting => _queue.Waiting;

    public int Extended => _queue.Extended;

    /// <summary>Streams that were opened.</summary>
    public int Streams { get; private set; }

    /// <summary>The authorization of each stream.</summary>
    public IReadOnlyCollection<string> Signatures => _signatures;

    public static async Task<RunningPubSub> StartAsync()
    {
        var server = new RunningPubSub();
        await server._application.StartAsync();
        return server;
    }

    public void Publish(string key, string payload, params (string Name, string Value)[] headers) => _queue.Publish(key, payload, headers);

    public void Stop()
    {
        _isAway = true;
        EndStreams();
    }

    public void Continue() => _isAway = false;

    /// <summary>As the service does from time to time.</summary>
    public void EndStreams() => Interlocked.Exchange(ref _end, new()).Cancel();

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    public override Task<Empty> Acknowledge(AcknowledgeRequest request, ServerCallContext context) => Change(request.Subscription, () =>
    {
        foreach (var id in request.AckIds)
        {
            _queue.Settle(id);
        }
    });

    public override Task<Empty> ModifyAckDeadline(ModifyAckDeadlineRequest request, ServerCallContext context) => Change(request.Subscription, () =>
    {
        foreach (var id in request.AckIds)
        {
            _queue.Extend(id, Second * request.AckDeadlineSeconds);
        }
    });

    public override async Task StreamingPull(IAsyncStreamReader<StreamingPullRequest> requestStream, IServerStreamWriter<StreamingPullResponse> responseStream, ServerCallContext context)
    {
        Refuse();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _end.Token);
        Assert.That(await requestStream.MoveNext(end.Token), Is.True);
        var first = requestStream.Current;
        Check(first.Subscription);
        Streams++;
        _signatures.Enqueue(context.RequestHeaders.GetValue("authorization") ?? "");
        await responseStream.WriteAsync(new());
        var mine = new HashSet<string>(StringComparer.Ordinal);
        while (!end.IsCancellationRequested)
        {
            mine.RemoveWhere(receipt => !_queue.IsOut(receipt));
            var taken = _queue.Take(IgnoresLimits ? int.MaxValue : (int)first.MaxOutstandingMessages - mine.Count, Second * first.StreamAckDeadlineSeconds, mine.Contains);
            if (taken.Count > 0)
            {
                mine.UnionWith(taken.Select(message => message.Receipt!));
                await responseStream.WriteAsync(new() { ReceivedMessages = { taken.Select(Of) } });
            }

            await Task.Delay(PollInterval, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        throw new RpcException(new(StatusCode.Unavailable, "the stream was ended"));
    }

    private Task<Empty> Change(string subscription, Action change)
    {
        Refuse();
        Check(subscription);
        change();
        return Task.FromResult(new Empty());
    }

    private void Refuse()
    {
        if (_isAway)
        {
            throw new RpcException(new(StatusCode.Unavailable, "the service is away"));
        }
    }

    private static void Check(string subscription)
    {
        if (subscription != Subscription)
        {
            throw new RpcException(new(StatusCode.NotFound, "there is no such subscription"));
        }
    }

    private static PulledMessage Of(LeasedMessage message) => new()
    {
        AckId = message.Receipt,
        Message = new() { MessageId = message.Id, OrderingKey = message.Key, Data = ByteString.CopyFromUtf8(message.Payload), Attributes = { message.Headers.ToDictionary() } },
    };
}
