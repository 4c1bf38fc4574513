using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Proxies.Messages;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Grpc.Core;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Back ends that keep a stream open for each subscription: a real server of gRPC, and a real broker. docs/reference/proxies.md#streams</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubscriptionStreamsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunningGrpcBackEnd _far = null!;
    private RunningBroker _broker = null!;

    [SetUp]
    public async Task Start()
    {
        _far = await RunningGrpcBackEnd.StartAsync();
        _broker = await RunningBroker.StartAsync(Change, _time);
    }

    [TearDown]
    public async Task Stop()
    {
        await _broker.DisposeAsync();
        await _far.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty);
    }

    [TestCase("one:a")]
    [TestCase("two:a")]
    public async Task What_the_back_end_sends_comes_to_that_subscription_alone_behind_the_reply(string channel)
    {
        _far.Stream = async stream =>
        {
            await stream.AllowAsync(new() { Result = new() { Data = Google.Protobuf.ByteString.CopyFromUtf8("""{"hello":1}""") } });
            for (var i = 0; i < 100; i++)
            {
                await stream.PublishAsync($$"""{"to":{{stream.First.Data.ToStringUtf8()}},"n":{{i}}}""");
            }

            await stream.WhenGoneAsync();
        };
        var (first, second) = (await _broker.ConnectAsync(), await _broker.ConnectAsync());

        var replies = (await AskAsync(first, channel, "1"), await AskAsync(second, channel, "2"));

        Assert.That(replies.Item1, Is.EqualTo("""{"id":2,"subscribe":{"data":{"hello":1}}}""").And.EqualTo(replies.Item2));
        foreach (var (client, number) in new[] { (first, 1), (second, 2) })
        {
            for (var i = 0; i < 100; i++)
            {
                Assert.That(await client.ReadPublicationAsync(), Is.EqualTo($$"""{"to":{{number}},"n":{{i}}}"""));
            }
        }

        await _broker.PublishAsync(channel, "\"all\"");
        Assert.That((await first.ReadPublicationAsync(), await second.ReadPublicationAsync()), Is.EqualTo(("\"all\"", "\"all\"")));
    }

    [Test]
    public async Task The_question_has_the_fields_of_a_subscribe()
    {
        var client = await _broker.ConnectAsync();

        await AskAsync(client, "one:a", """{"q":"x"}""");

        var request = (SubscribeRequest)_far.Requests.Single();
        Assert.That((request.Channel, request.Transport, request.Protocol, request.Encoding, request.Data.ToStringUtf8()), Is.EqualTo(("one:a", "websocket", "json", "json", """{"q":"x"}""")));
    }

    [Test]
    public async Task A_refusal_is_passed_on()
    {
        var (denied, cut) = (await _broker.ConnectAsync(), await _broker.ConnectAsync());

        _far.Stream = stream => stream.AllowAsync(new() { Error = new() { Code = 1000, Message = "not today", Temporary = true } });
        Assert.That(await AskAsync(denied, "one:a"), Is.EqualTo("""{"id":2,"error":{"code":1000,"message":"not today","temporary":true}}"""));
        _far.Stream = stream => stream.AllowAsync(new() { Disconnect = new() { Code = 4501, Reason = "go away" } });
        await cut.SendTextAsync("""{"id":2,"subscribe":{"channel":"one:a"}}""");
        Assert.That(await cut.ReadCloseAsync(), Is.EqualTo((4501, "go away")));
    }

    [TestCase("one:a")]
    [TestCase("two:a")]
    public async Task Without_an_answer_the_subscribe_fails_for_now_and_the_stream_ends(string channel)
    {
        _far.Stream = async stream =>
        {
            await stream.PublishAsync("1");
            await EndAsync(stream);
        };
        var client = await _broker.ConnectAsync();

        Assert.That(await AskAsync(client, channel), Is.EqualTo("""{"id":2,"error":{"code":100,"message":"internal server error","temporary":true}}"""));
        await _gone.Task.WaitAsync(RunningBroker.Patience);
    }

    [Test]
    public async Task A_back_end_that_is_silent_for_the_timeout_is_a_fault_and_the_stream_ends()
    {
        _far.Stream = EndAsync;
        var client = await _broker.ConnectAsync();

        var reply = AskAsync(client, "one:a");
        await Eventually.IsTrueAsync(() => _far.Requests.Count > 0);
        _time.Advance(_far.Settings.Timeout);

        Assert.That(await reply, Does.Contain("\"code\":100"));
        await _gone.Task.WaitAsync(RunningBroker.Patience);
    }

    [TestCase("one:a", true)]
    [TestCase("two:a", true)]
    [TestCase("one:a", false)]
    [TestCase("two:a", false)]
    public async Task The_stream_ends_with_the_subscription(string channel, bool isUnsubscribe)
    {
        _far.Stream = async stream =>
        {
            await stream.AllowAsync();
            await EndAsync(stream);
        };
        var client = await _broker.ConnectAsync();
        await AskAsync(client, channel);

        if (isUnsubscribe)
        {
            await client.AskAsync($$$"""{"id":3,"unsubscribe":{"channel":"{{{channel}}}"}}""");
        }
        else
        {
            await client.DisposeAsync();
        }

        await _gone.Task.WaitAsync(RunningBroker.Patience);
    }

    [TestCase(false, 2000, "server unsubscribe")]
    [TestCase(true, 2500, "insufficient state")]
    public async Task The_subscription_ends_with_the_stream(bool isFault, int code, string reason)
    {
        var asked = 0;
        _far.Stream = async stream =>
        {
            await stream.AllowAsync();
            await stream.PublishAsync($"{++asked}");
            if (isFault)
            {
                throw new RpcException(new(StatusCode.Internal, "no"));
            }
        };
        var client = await _broker.ConnectAsync();
        await AskAsync(client, "one:a");

        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("1"));
        using (var push = JsonDocument.Parse(await client.ReadMessageAsync()))
        {
            Assert.That(push.RootElement.GetProperty("push").GetProperty("unsubscribe").GetRawText(), Is.EqualTo($$"""{"code":{{code}},"reason":"{{reason}}"}"""));
        }

        Assert.That(await AskAsync(client, "one:a"), Does.StartWith("""{"id":2,"subscribe":{"""), "it may subscribe again");
        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("2"));
    }

    [Test]
    public async Task What_the_client_publishes_goes_to_the_back_end_in_order_and_to_nobody_else()
    {
        var heard = new List<string>();
        _far.Stream = async stream =>
        {
            await stream.AllowAsync();
            while (heard.Count < 50 && await stream.Requests!.MoveNext(stream.Gone))
            {
                heard.Add(stream.Requests.Current.Publication.Data.ToStringUtf8());
            }

            await stream.PublishAsync("\"thanks\"");
            await stream.WhenGoneAsync();
        };
        var client = await _broker.ConnectAsync();
        await AskAsync(client, "two:a");

        for (var i = 0; i < 50; i++)
        {
            await client.SendTextAsync($$$"""{"id":{{{i + 3}}},"publish":{"channel":"two:a","data":{{{i}}}}}""");
        }

        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("\"thanks\""));
        Assert.That(heard, Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"{i}")));
    }

    [Test]
    public async Task A_publish_on_a_channel_with_a_unidirectional_stream_needs_its_permission()
    {
        var client = await _broker.ConnectAsync();
        await AskAsync(client, "one:a");

        Assert.That(await client.AskAsync("""{"id":3,"publish":{"channel":"one:a","data":1}}"""), Does.Contain("\"code\":103"));
    }

    private static Task<string> AskAsync(RunningWebSocket client, string channel, string data = "null") =>
        client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}","data":{{{data}}}}}""");

    private async Task EndAsync(FarStream stream)
    {
        await stream.WhenGoneAsync();
        _gone.SetResult();
    }

    private BrokerOptions Change(BrokerOptions options) => options with
    {
        Connections = options.Connections with { PingInterval = TimeSpan.Zero },
        Proxies = new ProxyOptions(new Dictionary<string, ProxySettings>
        {
            ["far"] = _far.Settings,
        }),
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["one"] = new() { SubscribeProxy = "far", SubscribeStream = SubscribeStream.Unidirectional, HistorySize = 10, HistoryTtl = TimeSpan.FromMinutes(1), ForceRecovery = true },
                ["two"] = new() { SubscribeProxy = "far", SubscribeStream = SubscribeStream.Bidirectional },
            },
            null),
    };
}
