using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Proxies.Messages;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Proxies;

/// <summary>Questions to a real server of gRPC.</summary>
[Checklist(195)]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GrpcBackEndsTests : IDisposable
{
    private static readonly Guid Id = Guid.Parse("04f2e0b3-6a0e-4a7c-8d57-5f3e3a1f2c01");
    private static readonly ProxyCaller Caller = new(Id, "websocket", "json") { User = "u1", Meta = """{"k":"v"}""".Utf8() };

    private readonly RunningLog _log = new();
    private readonly ManualTimeProvider _time = new();
    private readonly BrokerMetrics _metrics = new();
    private readonly RunningCertificate _certificate = new();
    private ProxySender _http = null!;
    private GrpcSender _grpc = null!;
    private ILoggerFactory _loggers = null!;
    private RunningGrpcBackEnd _far = null!;
    private BackEnds _backEnds = null!;

    [SetUp]
    public async Task Start()
    {
        _far = await RunningGrpcBackEnd.StartAsync();
        (_http, _grpc) = (new ProxySender(_time), new GrpcSender(_time));
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _backEnds = new BackEnds(_http, _grpc, _metrics, _time, _loggers.CreateLogger<BackEnds>());
    }

    [TearDown]
    public ValueTask Stop() => _far.DisposeAsync();

    public void Dispose()
    {
        _http?.Dispose();
        _grpc?.Dispose();
        _metrics.Dispose();
        _loggers?.Dispose();
        _log.Dispose();
        _certificate.Dispose();
    }

    [Test]
    public async Task Values_are_asked_for_and_answered_as_over_HTTP()
    {
        _far.AnswerWith(new SharedPollRefreshResponse
        {
            Result = new()
            {
                Epoch = "e1",
                Items = { new SharedPollRefreshResultItem { Key = "a", Data = Json("""{"n":1}"""), Version = 7, PrevData = Json("0") }, new SharedPollRefreshResultItem { Key = "b", Removed = true } },
            },
        });

        var answer = (await _backEnds.PollAsync(_far.Settings, TestChannel.Named("px:a"), [new("a", 6), new("b", 0)], default)).Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_far.Requests.Single(), Is.EqualTo(new SharedPollRefreshRequest
            {
                Channel = "px:a",
                Items = { new SharedPollRefreshItem { Key = "a", Version = 6 }, new SharedPollRefreshItem { Key = "b" } },
            }));
            Assert.That(answer.Epoch, Is.EqualTo("e1"));
            Assert.That(answer.Values.Select(value => (value.Key, value.Data.Text(), value.Version, value.IsRemoved, value.Previous.Text())), Is.EqualTo(new[]
            {
                ("a", """{"n":1}""", 7UL, false, "0"), ("b", "", 0UL, true, ""),
            }));
        }
    }

    [Test]
    public async Task Values_may_be_larger_than_other_answers()
    {
        _far.AnswerWith(new SharedPollRefreshResponse { Result = new() { Items = { new SharedPollRefreshResultItem { Key = "a", Data = ByteString.CopyFrom(new byte[ProxySender.MaxAnswerBytes]) } } } });

        var large = await _backEnds.PollAsync(_far.Settings, TestChannel.Named("px:a"), [new("a", 0)], default);
        _far.AnswerWith(new SharedPollRefreshResponse { Result = new() { Items = { new SharedPollRefreshResultItem { Key = "a", Data = ByteString.CopyFrom(new byte[ProxySender.MaxPollBytes]) } } } });
        var larger = await _backEnds.PollAsync(_far.Settings, TestChannel.Named("px:a"), [new("a", 0)], default);

        Assert.That(large.Value!.Values.Single().Data.Length, Is.EqualTo(ProxySender.MaxAnswerBytes));
        Assert.That(larger.Error, Is.EqualTo(ErrorCode.Internal));
    }

    [Test]
    public async Task A_connect_is_asked_with_all_its_fields_and_answered_with_an_identity()
    {
        _far.AnswerWith(new ConnectResponse
        {
            Result = new()
            {
                User = "alice",
                ExpireAt = 4_000_000_000,
                Info = Json("""{"i":1}"""),
                B64Data = "WzJd",
                Meta = Json("""{"m":3}"""),
                Subs = { ["ns:a"] = new() { Data = Json("4"), Override = new() { Presence = new() { Value = true }, JoinLeave = new() } } },
            },
        });

        var outcome = await _backEnds.ConnectAsync(_far.Settings, Caller, new(ProxyEventKind.Connect) { Data = "[1]".Utf8(), Name = "js", Version = "1", Channels = ["a", "b"] }, default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_far.Requests.Single(), Is.EqualTo(new ConnectRequest
            {
                Client = Id.ToString(),
                Transport = "websocket",
                Protocol = "json",
                Encoding = "json",
                Data = Json("[1]"),
                Name = "js",
                Version = "1",
                Channels = { "a", "b" },
            }));
            var (identity, data) = outcome.Value!;
            Assert.That((identity.Principal.Name, identity.ExpiresAt.ToUnixTimeSeconds()), Is.EqualTo(("alice", 4_000_000_000)));
            Assert.That((Text(identity.Info), Text(data), Text(identity.Meta)), Is.EqualTo(("""{"i":1}""", "[2]", """{"m":3}""")));
            Assert.That(identity.Subscriptions.Single() is var (channel, _, told, overrides) && channel == "ns:a" && Text(told) == "4" && overrides == new OptionOverrides(Presence: true, JoinLeave: false), Is.True);
        }
    }

    [Test]
    public async Task Other_events_have_the_fields_that_they_have_over_HTTP()
    {
        var proxy = _far.Settings with { IncludesMeta = true };
        await _backEnds.RefreshAsync(proxy, Caller, new(ProxyEventKind.Refresh), default);
        await _backEnds.SubscribeAsync(proxy, Caller, new(ProxyEventKind.Subscribe) { Channel = "ns:a", Data = "1".Utf8() }, default);
        await _backEnds.PublishAsync(proxy with { UsesBase64 = true }, Caller, new(ProxyEventKind.Publish) { Channel = "ns:a", Data = "2".Utf8() }, default);
        await _backEnds.RefreshAsync(proxy, Caller, new(ProxyEventKind.SubRefresh) { Channel = "ns:a" }, default);
        await _backEnds.RpcAsync(proxy, Caller, new(ProxyEventKind.Rpc) { Method = "m", Data = "3".Utf8() }, default);

        var (client, meta) = (Id.ToString(), Json("""{"k":"v"}"""));
        Assert.That(_far.Requests, Is.EqualTo(new IMessage[]
        {
            new RefreshRequest { Client = client, Transport = "websocket", Protocol = "json", Encoding = "json", User = "u1", Meta = meta },
            new SubscribeRequest { Client = client, Transport = "websocket", Protocol = "json", Encoding = "json", User = "u1", Meta = meta, Channel = "ns:a", Data = Json("1") },
            new PublishRequest { Client = client, Transport = "websocket", Protocol = "json", Encoding = "binary", User = "u1", Meta = meta, Channel = "ns:a", B64Data = "Mg==" },
            new SubRefreshRequest { Client = client, Transport = "websocket", Protocol = "json", Encoding = "json", User = "u1", Meta = meta, Channel = "ns:a" },
            new RPCRequest { Client = client, Transport = "websocket", Protocol = "json", Encoding = "json", User = "u1", Meta = meta, Method = "m", Data = Json("3") },
        }));
    }

    [Test]
    public async Task Changes_of_maps_are_asked_about_with_their_key_and_may_be_changed()
    {
        _far.AnswerWith(new MapPublishResponse
        {
            Result = new() { Key = "k2", Data = Json("1"), B64StreamData = "Mg==", Tags = { ["t"] = "1" }, Score = -3, KeyMode = "if_exists", IdempotencyKey = "i", Delta = true, Version = 4, VersionEpoch = "e" },
        });
        var published = (await _backEnds.MapPublishAsync(_far.Settings, Caller, new(ProxyEventKind.MapPublish) { Channel = "ns:a", Key = "k", Data = "1".Utf8() }, default)).Value!;
        _far.AnswerWith(new MapRemoveResponse { Result = new() { Key = "k2", IdempotencyKey = "i" } });
        var removed = (await _backEnds.MapRemoveAsync(_far.Settings with { IncludesMeta = true }, Caller, new(ProxyEventKind.MapRemove) { Channel = "ns:a", Key = "k" }, default)).Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_far.Requests, Is.EqualTo(new IMessage[]
            {
                new MapPublishRequest { Client = Id.ToString(), Transport = "websocket", Protocol = "json", Encoding = "json", User = "u1", Channel = "ns:a", Key = "k", Data = Json("1") },
                new MapRemoveRequest { Client = Id.ToString(), Transport = "websocket", Protocol = "json", Encoding = "json", User = "u1", Channel = "ns:a", Key = "k", Meta = Json("""{"k":"v"}""") },
            }));
            Assert.That((published.Key, published.Score, published.KeyMode, Text(published.StreamData!.Value), Text(published.Publish.Publication.Data)), Is.EqualTo(("k2", -3L, KeyMode.IfExists, "2", "1")));
            Assert.That(published.Publish.Options, Is.EqualTo(new PublishOptions { IdempotencyKey = "i", Delta = true, Version = 4, VersionEpoch = "e" }));
            Assert.That((removed.Key, removed.Tags, removed.IdempotencyKey), Is.EqualTo(("k2", (IReadOnlyDictionary<string, string>?)null, "i")));
        }
    }

    [Test]
    public async Task An_answer_may_prolong_replace_or_return()
    {
        _far.AnswerWith(new RefreshResponse { Result = new() { ExpireAt = 4_000_000_000, B64Info = "MQ==" } });
        var refreshed = (await _backEnds.RefreshAsync(_far.Settings, Caller, new(ProxyEventKind.Refresh), default)).Value!;
        _far.AnswerWith(new PublishResponse { Result = new() { Data = ByteString.CopyFrom(0xFF, 0), SkipHistory = true, Tags = { ["a"] = "b" }, IdempotencyKey = "k", Delta = true, Version = 7, VersionEpoch = "e" } });
        var published = (await _backEnds.PublishAsync(_far.Settings, Caller, new(ProxyEventKind.Publish), default)).Value!;
        _far.AnswerWith(new SubscribeResponse { Result = new() { Info = Json("2") } });
        var subscribed = (await _backEnds.SubscribeAsync(_far.Settings, Caller, new(ProxyEventKind.Subscribe) { Channel = "ns:a" }, default)).Value!;
        _far.AnswerWith(new RPCResponse { Result = new() { Data = Json("3") } });
        var returned = (await _backEnds.RpcAsync(_far.Settings, Caller, new(ProxyEventKind.Rpc), default)).Value!;
        _far.AnswerWith(new SubRefreshResponse { Result = new() { Expired = true } });
        var ended = (await _backEnds.RefreshAsync(_far.Settings, Caller, new(ProxyEventKind.SubRefresh), default)).Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((refreshed.IsExpired, refreshed.ExpiresAt.ToUnixTimeSeconds(), Text(refreshed.Info)), Is.EqualTo((false, 4_000_000_000, "1")));
            Assert.That(published.Publication.Data.ToArray(), Is.EqualTo(new byte[] { 0xFF, 0 }));
            Assert.That(published.Publication.Tags, Is.EqualTo(new Dictionary<string, string> { ["a"] = "b" }));
            Assert.That(published.Options, Is.EqualTo(new PublishOptions { SkipHistory = true, IdempotencyKey = "k", Delta = true, Version = 7, VersionEpoch = "e" }));
            Assert.That((subscribed.Channel, Text(subscribed.Info)), Is.EqualTo(("ns:a", "2")));
            Assert.That(Text(returned.Data), Is.EqualTo("3"));
            Assert.That(ended.IsExpired, Is.True);
        }
    }

    [Test]
    public async Task An_error_and_a_disconnect_are_those_of_the_answer_and_no_result_is_what_it_is_over_HTTP()
    {
        Assert.That((await AskAsync(_far.Settings)).Value!.Data.IsEmpty, Is.True);
        _far.AnswerWith(new RPCResponse { Error = new() { Code = 1404, Message = "not there", Temporary = true } });
        Assert.That(await AskAsync(_far.Settings), Is.EqualTo(Outcome<CallResult>.Refused(new ErrorCode(1404, "not there", true))));
        _far.AnswerWith(new RPCResponse { Disconnect = new() { Code = 4503, Reason = "banned" } });
        Assert.That(await AskAsync(_far.Settings), Is.EqualTo(Outcome<CallResult>.Disconnected(new DisconnectCode(4503, "banned"))));
    }

    [Test]
    public async Task Headers_of_the_client_and_of_the_settings_are_metadata()
    {
        var proxy = _far.Settings with
        {
            Headers = ["Cookie", "X-Bytes-Bin", "grpc-timeout"],
            StaticHeaders = new Dictionary<string, string> { ["X-Key"] = "k", ["a!b"] = "no name" },
            GrpcCredentials = new("authorization", "secret"),
        };
        var options = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = proxy });
        var headers = ClientHeaders.Of([new("Cookie", "a=1"), new("X-Bytes-Bin", "no base64!"), new("grpc-timeout", "1n"), new("Origin", "https://a.example")], options.Headers);

        await _backEnds.RpcAsync(proxy, Caller with { Headers = headers }, new(ProxyEventKind.Rpc), default);

        Assert.That(
            _far.Headers.Single().Where(header => header.Key is not ("user-agent" or "grpc-accept-encoding")).Select(header => $"{header.Key}: {header.Value}"),
            Is.EquivalentTo(new[] { "cookie: a=1", "x-key: k", "authorization: secret" }));
    }

    [Test]
    public async Task TLS_trusts_the_authority_that_the_settings_name_and_no_other()
    {
        await using var far = await RunningGrpcBackEnd.StartAsync(_certificate);
        using var another = new RunningCertificate();
        var named = far.Settings with { Tls = new(_certificate.CertificateFile, null, null, "localhost") };

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await AskAsync(named)).Value, Is.Not.Null);
            AssertFault(await AskAsync(named with { Name = "stranger", Tls = named.Tls! with { Authorities = another.CertificateFile } }));
            AssertFault(await AskAsync(named with { Name = "system", Tls = named.Tls! with { Authorities = null } }));
            Assert.That(far.Requests, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task A_PEM_file_that_cannot_be_used_is_error_100()
    {
        AssertFault(await AskAsync(_far.Settings with { Tls = new(_certificate.KeyFile, _certificate.KeyFile, _certificate.KeyFile, null) }));
        Assert.That(_log.Warnings.Single(), Does.Contain("its PEM files cannot be used"));
    }

    [TestCase(StatusCode.Internal, "status Internal")]
    [TestCase(StatusCode.Unavailable, "no connection")]
    public async Task A_status_is_error_100_and_the_event_is_sent_once(StatusCode status, string fault)
    {
        _far.Answer = (_, _) => throw new RpcException(new Status(status, "a secret text"));

        AssertFault(await AskAsync(_far.Settings));
        Assert.That(_far.Requests, Has.Count.EqualTo(1));
        Assert.That(_log.Warnings.Single(), Does.Contain(fault).And.Not.Contain("secret"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_back_end_that_does_not_answer_in_time_is_error_100(CancellationToken cancellation)
    {
        var (arrived, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        _far.Answer = async (_, aborted) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => left.SetResult(), TaskScheduler.Default);
            return null;
        };

        var asking = AskAsync(_far.Settings with { Timeout = TimeSpan.FromSeconds(1) });
        await arrived.Task.WaitAsync(cancellation);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.That(asking.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        AssertFault(await asking.WaitAsync(cancellation));
        Assert.That(_log.Warnings.Single(), Does.Contain("timeout"));
        await left.Task.WaitAsync(cancellation);
    }

    [Test]
    public async Task The_call_of_a_disconnected_client_is_cancelled()
    {
        using var gone = new CancellationTokenSource();
        _far.Answer = async (_, aborted) =>
        {
            await gone.CancelAsync();
            await Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return null;
        };

        await Assert.ThatAsync(() => _backEnds.RpcAsync(_far.Settings, Caller, new(ProxyEventKind.Rpc), gone.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task An_answer_over_the_limit_is_error_100()
    {
        _far.AnswerWith(new RPCResponse { Result = new() { Data = ByteString.CopyFrom(new byte[ProxySender.MaxAnswerBytes]) } });

        AssertFault(await AskAsync(_far.Settings));
        Assert.That(_log.Warnings.Single(), Does.Contain("answer too large"));
    }

    [TestCase("no JSON")]
    [TestCase("""{},"user":"admin" """)]
    [TestCase("[]")]
    public async Task A_meta_that_is_not_a_JSON_object_is_error_100(string meta)
    {
        _far.AnswerWith(new ConnectResponse { Result = new() { User = "alice", Meta = Json(meta) } });

        var outcome = await _backEnds.ConnectAsync(_far.Settings, Caller, new(ProxyEventKind.Connect), default);

        Assert.That(outcome.Error, Is.EqualTo(ErrorCode.Internal));
        Assert.That(_log.Warnings.Single(), Does.Contain("malformed answer"));
    }

    [Test]
    public async Task A_client_of_the_broker_is_identified_over_gRPC()
    {
        _far.AnswerWith(new ConnectResponse { Result = new() { User = "alice", Data = Json("7") } });
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Proxies = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = _far.Settings }) { Connect = _far.Settings },
        });

        var client = await broker.UpgradeAsync();

        Assert.That(await client.AskAsync("""{"id":1,"connect":{"data":[1]}}"""), Does.Contain("\"data\":7"));
        Assert.That(((ConnectRequest)_far.Requests.Single()).Data, Is.EqualTo(Json("[1]")));
    }

    private Task<Outcome<CallResult>> AskAsync(ProxySettings proxy) => _backEnds.RpcAsync(proxy, Caller, new(ProxyEventKind.Rpc) { Method = "m" }, default);

    private static void AssertFault(Outcome<CallResult> outcome) => Assert.That(outcome, Is.EqualTo(Outcome<CallResult>.Refused(ErrorCode.Internal)));

    private static ByteString Json(string text) => ByteString.CopyFromUtf8(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
}
