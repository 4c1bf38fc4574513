using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Grpc;
using ClawEvents.Broker.Grpc.Messages;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Grpc;

/// <summary>What settings make of the door to the server API over gRPC.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class GrpcDoorTests
{
    private static readonly GrpcOptions Open = new() { Api = new("GrpcApi", "127.0.0.1", 0) { MaxMessageBytes = 1024 * 1024 }, ApiKey = "first" };

    [Test]
    public async Task In_transport_mode_errors_are_statuses()
    {
        await using var broker = await StartAsync(Open with { ApiErrorsAreStatuses = true });
        using var channel = GrpcCalls.Open(broker.Urls[1]);
        var api = new CentrifugoApi.CentrifugoApiClient(channel);
        var key = GrpcCalls.Key("first");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GrpcCalls.StatusOfAsync(api.PresenceAsync(new() { Channel = "unknown:a" }, key)), Has.Property("StatusCode").EqualTo(StatusCode.NotFound).And.Property("Detail").EqualTo("unknown channel"));
            Assert.That((await GrpcCalls.StatusOfAsync(api.PublishAsync(new(), key))).StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That((await api.BroadcastAsync(new() { Channels = { "unknown:a" }, B64Data = "MQ==" }, key)).Result.Responses.Single().Error.Code, Is.EqualTo(102));
        }
    }

    [Test]
    public async Task Without_a_key_that_is_wanted_anyone_may_call()
    {
        await using var broker = await StartAsync(Open with { ApiKey = null, IsApiInsecure = true });
        using var channel = GrpcCalls.Open(broker.Urls[1]);

        Assert.That((await new CentrifugoApi.CentrifugoApiClient(channel).InfoAsync(new())).Result.Nodes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_new_key_replaces_the_former_one_and_none_leaves_it()
    {
        await using var broker = await StartAsync(Open);
        using var channel = GrpcCalls.Open(broker.Urls[1]);
        var api = new CentrifugoApi.CentrifugoApiClient(channel);

        broker.Get<GrpcApiKey>().ApplySettings(Open with { ApiKey = "second" });
        broker.Get<GrpcApiKey>().ApplySettings(Open with { ApiKey = null });

        Assert.That((await GrpcCalls.StatusOfAsync(api.InfoAsync(new(), GrpcCalls.Key("first")))).StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
        Assert.That((await api.InfoAsync(new(), GrpcCalls.Key("second"))).Error, Is.Null);
    }

    [TestCase(false, StatusCode.Unimplemented)]
    [TestCase(true, StatusCode.OK)]
    public async Task The_description_of_the_API_is_there_only_if_a_setting_says_so(bool hasReflection, StatusCode status)
    {
        await using var broker = await StartAsync(Open with { HasApiReflection = hasReflection });
        using var channel = GrpcCalls.Open(broker.Urls[1]);

        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(GrpcCalls.Key("first"));
        var services = new List<string>();
        var ended = StatusCode.OK;
        try
        {
            // The server may end the call before it has the question. The answer says how it ended, whatever became of the question.
            await Task.WhenAny(call.RequestStream.WriteAsync(new() { ListServices = "" }));
            await Task.WhenAny(call.RequestStream.CompleteAsync());
            await foreach (var answer in call.ResponseStream.ReadAllAsync())
            {
                services.AddRange(answer.ListServicesResponse.Service.Select(service => service.Name));
            }
        }
        catch (RpcException exception)
        {
            ended = exception.StatusCode;
        }

        Assert.That(ended, Is.EqualTo(status));
        Assert.That(services.Contains("centrifugal.centrifugo.api.CentrifugoApi"), Is.EqualTo(hasReflection));
    }

    [Test]
    public async Task A_fault_of_the_broker_is_logged_and_callers_see_no_more_than_that()
    {
        await using var broker = await StartAsync(Open, services => services.AddSingleton<INodeSurvey, BrokenSurvey>());
        using var channel = GrpcCalls.Open(broker.Urls[1]);

        var status = await GrpcCalls.StatusOfAsync(new CentrifugoApi.CentrifugoApiClient(channel).InfoAsync(new(), GrpcCalls.Key("first")));

        Assert.That((status.StatusCode, status.Detail), Is.EqualTo((StatusCode.Internal, "internal server error")));
        Assert.That(broker.Errors.Single(), Does.Contain("The call info over gRPC failed."));
    }

    private static Task<RunningBroker> StartAsync(GrpcOptions options, Action<IServiceCollection>? replace = null) =>
        RunningBroker.StartAsync(broker => broker with { Grpc = options }, replace: replace);

    private sealed class BrokenSurvey : INodeSurvey
    {
        public ValueTask<IReadOnlyList<NodeReport>> GetNodesAsync() => throw new InvalidOperationException("a bug");

        public ValueTask<IReadOnlyDictionary<string, int>> GetChannelsAsync(string pattern) => throw new InvalidOperationException("a bug");
    }
}
