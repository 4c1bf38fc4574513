using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Grpc.Messages;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Publication = ClawEvents.Broker.Grpc.Messages.Publication;

namespace ClawEvents.Broker.Tests.Grpc;

/// <summary>The server API over gRPC, called by a generated client.</summary>
[Checklist(193)]
[TestFixture(false)]
[TestFixture(true)]
public sealed class GrpcApiTests(bool isTls) : RunningBrokerTests, IDisposable
{
    private readonly RunningCertificate _certificate = new();
    private GrpcChannel _channel = null!;

    private CentrifugoApi.CentrifugoApiClient Api { get; set; } = null!;

    private static Metadata Key => GrpcCalls.Key("the-grpc-key");

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(
            ("ns", TestNamespaces.History with { Presence = true }),
            ("board", new() { SubscriptionType = SubscriptionType.Map, Map = new() { Mode = MapMode.Persistent, StreamSize = 10, StreamTtl = TimeSpan.FromMinutes(1) } }),
            ("poll", TestNamespaces.Open with { SubscriptionType = SubscriptionType.SharedPoll, SharedPoll = new() { IsVersioned = true, IsPublishEnabled = true } })),
        Grpc = new()
        {
            Api = new("GrpcApi", "127.0.0.1", 0)
            {
                MaxMessageBytes = 64 * 1024,
                Tls = isTls ? new("GrpcApi", _certificate.CertificateFile, _certificate.KeyFile) : null,
            },
            ApiKey = "the-grpc-key",
        },
    };

    [SetUp]
    public void OpenChannel()
    {
        _channel = GrpcCalls.Open(Broker.Urls[1]);
        Api = new(_channel);
    }

    [TearDown]
    public void CloseChannel() => _channel.Dispose();

    public void Dispose()
    {
        _channel?.Dispose();
        _certificate.Dispose();
    }

    [Test]
    public async Task A_publish_reaches_subscribers_and_the_history()
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("ns:a");

        var published = await Api.PublishAsync(new() { Channel = "ns:a", Data = Json("""{"a":1}"""), Tags = { ["x"] = "y" } }, Key);
        var history = await Api.HistoryAsync(new() { Channel = "ns:a", Limit = -1 }, Key);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(published.Error, Is.Null);
            Assert.That(published.Result.Offset, Is.EqualTo(1));
            Assert.That(await subscriber.ReadMessageAsync(), Does.Contain("""{"data":{"a":1},"offset":1,"tags":{"x":"y"},"epoch":""").And.Contain(published.Result.Epoch));
            Assert.That(history.Result.Epoch, Is.EqualTo(published.Result.Epoch));
            Assert.That(history.Result.Publications.Single(), Is.EqualTo(new Publication { Data = Json("""{"a":1}"""), Offset = 1, Tags = { ["x"] = "y" } }));
        }
    }

    [Test]
    public async Task Errors_are_fields_of_the_reply_and_the_same_as_over_HTTP()
    {
        var noData = await Api.PublishAsync(new() { Channel = "ns:a" }, Key);
        var badBase64 = await Api.PublishAsync(new() { Channel = "ns:a", B64Data = "?" }, Key);
        var unknown = await Api.PresenceAsync(new() { Channel = "unknown:a" }, Key);
        var noProcedure = await Api.RPCAsync(new() { Method = "m" }, Key);
        var overHttp = await Broker.PostWithKeyAsync("/api/publish", """{"channel":"ns:a"}""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(noData.Result, Is.Null);
            Assert.That(noData.Error.Code, Is.EqualTo(107));
            Assert.That(overHttp.Body, Does.Contain(noData.Error.Message));
            Assert.That(badBase64.Error, Is.EqualTo(noData.Error));
            Assert.That(unknown.Error, Is.EqualTo(new Error { Code = 102, Message = "unknown channel" }));
            Assert.That(noProcedure.Error.Code, Is.EqualTo(104));
        }
    }

    [Test]
    public async Task A_broadcast_answers_for_each_channel()
    {
        var response = await Api.BroadcastAsync(new() { Channels = { "ns:a", "unknown:a" }, B64Data = "MQ==" }, Key);

        Assert.That(response.Result.Responses.Select(one => (one.Result?.Offset, one.Error?.Code)), Is.EqualTo(new (ulong?, uint?)[] { (1, null), (null, 102) }));
    }

    [Test]
    public async Task A_value_of_a_shared_poll_is_published()
    {
        var request = new SharedPollPublishRequest { Channel = "poll:a", Key = "k", Data = Json("1"), Version = 1, Epoch = "e" };
        var published = await Api.SharedPollPublishAsync(request, Key);
        var other = await Api.SharedPollPublishAsync(new(request) { Channel = "ns:a" }, Key);
        var batch = await Api.BatchAsync(new() { Commands = { new Command { SharedPollPublish = request }, new Command { SharedPollPublish = new() } } }, Key);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((published.Error, published.Result), Is.EqualTo(((Error?)null, new SharedPollPublishResult())));
            Assert.That(other.Error.Code, Is.EqualTo(107));
            Assert.That(batch.Replies[0].SharedPollPublish, Is.EqualTo(new SharedPollPublishResult()));
            Assert.That(batch.Replies[1].Error.Code, Is.EqualTo(107));
        }
    }

    [Test]
    public async Task Presence_and_its_count_and_the_channels_are_those_of_live_connections()
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("ns:a");

        var presence = await Api.PresenceAsync(new() { Channel = "ns:a" }, Key);
        var stats = await Api.PresenceStatsAsync(new() { Channel = "ns:a" }, Key);
        var channels = await Api.ChannelsAsync(new() { Pattern = "ns:*" }, Key);
        var info = await Api.InfoAsync(new(), Key);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(presence.Result.Presence.Single().Value.Client, Is.EqualTo(presence.Result.Presence.Single().Key));
            Assert.That(stats.Result, Is.EqualTo(new PresenceStatsResult { NumClients = 1, NumUsers = 1 }));
            Assert.That(channels.Result.Channels.ToDictionary(one => one.Key, one => one.Value.NumClients), Is.EqualTo(new Dictionary<string, uint> { ["ns:a"] = 1 }));
            Assert.That(info.Result.Nodes.Single(), Has.Property("NumClients").EqualTo(1).And.Property("Version").Not.Empty);
        }
    }

    [Test]
    public async Task A_live_connection_is_subscribed_refreshed_unsubscribed_and_disconnected()
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));

        Assert.That((await Api.SubscribeAsync(new() { User = "alice", Channel = "ns:a", Data = Json("7"), Override = new() { Presence = new() { Value = false } } }, Key)).Error, Is.Null);
        Assert.That(await client.ReadMessageAsync(), Does.Contain("\"subscribe\":").And.Contain("\"data\":7"));
        Assert.That((await Api.PresenceStatsAsync(new() { Channel = "ns:a" }, Key)).Result.NumClients, Is.Zero, "The override holds.");
        Assert.That((await Api.RefreshAsync(new() { User = "alice", ExpireAt = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() }, Key)).Error, Is.Null);
        Assert.That(await client.ReadMessageAsync(), Does.Contain("\"refresh\":"));
        Assert.That((await Api.UnsubscribeAsync(new() { User = "alice", Channel = "ns:a" }, Key)).Error, Is.Null);
        Assert.That(await client.ReadMessageAsync(), Does.Contain("\"unsubscribe\":"));
        Assert.That((await Api.DisconnectAsync(new() { User = "alice", Disconnect = new() { Code = 4321, Reason = "bye" } }, Key)).Error, Is.Null);
        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((4321, "bye")));
    }

    [Test]
    public async Task A_history_is_removed()
    {
        await Api.PublishAsync(new() { Channel = "ns:a", Data = Json("1") }, Key);

        Assert.That((await Api.HistoryRemoveAsync(new() { Channel = "ns:a" }, Key)).Result, Is.Not.Null);
        Assert.That((await Api.HistoryAsync(new() { Channel = "ns:a", Limit = -1 }, Key)).Result.Publications, Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_batch_has_a_reply_for_each_command(bool isParallel)
    {
        var commands = new[]
        {
            new Command { Publish = new() { Channel = "ns:a", Data = Json("1") } },
            new Command { PresenceStats = new() { Channel = "ns:a" } },
            new Command { Disconnect = new() { User = "nobody", Disconnect = new() { Code = uint.MaxValue } } },
            new Command(),
        };

        var replies = (await Api.BatchAsync(new() { Commands = { commands }, Parallel = isParallel }, Key)).Replies;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(replies[0].Publish.Offset, Is.EqualTo(1));
            Assert.That(replies[1].PresenceStats, Is.EqualTo(new PresenceStatsResult()));
            Assert.That((replies[2].Disconnect, replies[2].Error), Is.EqualTo((new DisconnectResult(), (Error?)null)), "Any code is accepted, as over HTTP.");
            Assert.That(replies[3].Error.Code, Is.EqualTo(104));
        }
    }

    [Test]
    public async Task A_map_is_changed_and_read()
    {
        var published = await Api.MapPublishAsync(new() { Channel = "board:a", Key = "k", Data = Json("1"), StreamData = Json("2"), Tags = { ["t"] = "1" }, Score = -3 }, Key);
        var suppressed = await Api.MapPublishAsync(new() { Channel = "board:a", Key = "k", B64Data = "MQ==", KeyMode = "if_new" }, Key);
        var state = (await Api.MapReadStateAsync(new() { Channel = "board:a", Limit = 10 }, Key)).Result;
        var stats = await Api.MapStatsAsync(new() { Channel = "board:a" }, Key);
        var removed = await Api.MapRemoveAsync(new() { Channel = "board:a", Key = "k" }, Key);
        var stream = (await Api.MapReadStreamAsync(new() { Channel = "board:a", Limit = 10, Reverse = true }, Key)).Result;
        var batch = await Api.BatchAsync(new() { Commands = { new Command { MapStats = new() { Channel = "board:a" } }, new Command { MapClear = new() { Channel = "board:a" } } } }, Key);

        state.Entries[0].Time = stream.Entries[0].Time = stream.Entries[1].Time = 0;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(published.Result, Is.EqualTo(new MapPublishResult { Offset = 1, Epoch = state.Epoch }));
            Assert.That(suppressed.Result, Is.EqualTo(new MapPublishResult { Offset = 1, Epoch = state.Epoch, Suppressed = true, SuppressReason = "key_exists" }));
            Assert.That(state.Entries.Single(), Is.EqualTo(new MapEntry { Key = "k", Data = Json("1"), Tags = { ["t"] = "1" }, Offset = 1, Score = -3 }));
            Assert.That(stats.Result.NumKeys, Is.EqualTo(1));
            Assert.That(removed.Result, Is.EqualTo(new MapRemoveResult { Offset = 2, Epoch = state.Epoch }));
            Assert.That(stream.Entries, Is.EqualTo(new[]
            {
                new MapEntry { Key = "k", Tags = { ["t"] = "1" }, Offset = 2, Removed = true },
                new MapEntry { Key = "k", Data = Json("2"), Tags = { ["t"] = "1" }, Offset = 1, Score = -3 },
            }));
            Assert.That(batch.Replies, Is.EqualTo(new[] { new Reply { MapStats = new() }, new Reply { MapClear = new() } }));
            Assert.That((await Api.MapPublishAsync(new() { Channel = "ns:a", Key = "k", Data = Json("1") }, Key)).Error.Code, Is.EqualTo(107));
        }
    }

    [TestCase("apikey another")]
    [TestCase("the-grpc-key")]
    [TestCase(null)]
    public async Task A_call_without_the_key_is_refused(string? authorization)
    {
        var status = await GrpcCalls.StatusOfAsync(Api.InfoAsync(new(), authorization is null ? [] : new Metadata { { "authorization", authorization } }));

        Assert.That(status, Has.Property("StatusCode").EqualTo(StatusCode.Unauthenticated).And.Property("Detail").Contain("apikey KEY"));
    }

    [Test]
    public async Task A_request_over_the_limit_is_refused()
    {
        var status = await GrpcCalls.StatusOfAsync(Api.PublishAsync(new() { Channel = "ns:a", Data = ByteString.CopyFrom(new byte[65 * 1024]) }, Key));

        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public async Task Methods_that_are_not_here_are_unimplemented()
    {
        var method = new Method<InfoRequest, InfoResponse>(
            MethodType.Unary, "centrifugal.centrifugo.api.CentrifugoApi", "DeviceList", Marshallers.Create(message => message.ToByteArray(), InfoRequest.Parser.ParseFrom), Marshallers.Create(message => message.ToByteArray(), InfoResponse.Parser.ParseFrom));

        var status = await GrpcCalls.StatusOfAsync(_channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(Key), new()));

        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.Unimplemented));
    }

    [Test]
    public async Task Neither_port_has_the_paths_of_the_other()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Broker.Urls[1], "/health")) { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("Authorization", "apikey the-grpc-key");

        using var health = await Broker.Http.SendAsync(request);
        var call = await Broker.SendAsync(HttpMethod.Post, "/centrifugal.centrifugo.api.CentrifugoApi/Info", [0, 0, 0, 0, 0], ("Content-Type", "application/grpc"), ("Authorization", "apikey the-grpc-key"));

        Assert.That((int)health.StatusCode, Is.EqualTo(404));
        Assert.That(call.Status, Is.EqualTo(404));
    }

    private static ByteString Json(string text) => ByteString.CopyFromUtf8(text);
}
