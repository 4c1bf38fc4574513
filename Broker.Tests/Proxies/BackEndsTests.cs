using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Proxies;

/// <summary>Questions to a real HTTP server.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BackEndsTests : IDisposable
{
    private static readonly ProxyEvent Rpc = new(ProxyEventKind.Rpc) { Method = "add", Data = "[1,2]".Utf8() };
    private static readonly ProxyCaller Caller = new(Guid.Empty, "websocket", "json");

    private readonly RunningLog _log = new();
    private readonly ManualTimeProvider _time = new();
    private RunningBackEnd _far = null!;
    private ProxySender _sender = null!;
    private GrpcSender _grpc = null!;
    private BrokerMetrics _metrics = null!;
    private ILoggerFactory _loggers = null!;
    private BackEnds _backEnds = null!;

    [SetUp]
    public async Task Start()
    {
        _far = await RunningBackEnd.StartAsync();
        _sender = new ProxySender(_time);
        _grpc = new GrpcSender(_time);
        _metrics = new BrokerMetrics();
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _backEnds = new BackEnds(_sender, _grpc, _metrics, _time, _loggers.CreateLogger<BackEnds>());
    }

    [TearDown]
    public ValueTask Stop() => _far.DisposeAsync();

    public void Dispose()
    {
        _sender.Dispose();
        _grpc.Dispose();
        _metrics.Dispose();
        _loggers.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task Each_event_is_one_JSON_POST_over_a_reused_connection()
    {
        _far.Answer = asked => $$$"""{"result":{"data":{{{asked.GetProperty("data").GetRawText()}}}}}""";

        var first = await AskAsync(_far.Settings());
        await AskAsync(_far.Settings());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(System.Text.Encoding.UTF8.GetString(first.Value!.Data.Span), Is.EqualTo("[1,2]"));
            Assert.That(_far.Requests, Is.EqualTo(new[] { "POST /centrifugo ", "POST /centrifugo " }));
            Assert.That(_far.Headers[0], Is.EqualTo(new Dictionary<string, string>
            {
                ["Content-Type"] = "application/json",
                ["Content-Length"] = $"{_far.Bodies[0].Length}",
                ["Host"] = _far.Origin.Authority,
            }));
            Assert.That(_far.Connections, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Values_may_be_larger_than_other_answers()
    {
        _far.Answer = _ => $$$"""{"result":{"items":[{"key":"a","data":"{{{new string('x', ProxySender.MaxAnswerBytes)}}}"}]}}""";
        var large = await _backEnds.PollAsync(_far.Settings(), TestChannel.Named("px:a"), [new("a", 0)], default);
        _far.Answer = _ => $$$"""{"result":{"items":[{"key":"a","data":"{{{new string('x', ProxySender.MaxPollBytes)}}}"}]}}""";
        var larger = await _backEnds.PollAsync(_far.Settings(), TestChannel.Named("px:a"), [new("a", 0)], default);

        Assert.That(large.Value!.Values.Single().Data.Length, Is.EqualTo(ProxySender.MaxAnswerBytes + 2));
        Assert.That(larger.Error, Is.EqualTo(ErrorCode.Internal));
    }

    [Test]
    [Checklist(162)]
    public async Task Headers_of_the_client_and_of_the_settings_are_forwarded()
    {
        var proxy = _far.Settings() with { Headers = ["Cookie"], StaticHeaders = new Dictionary<string, string> { ["X-Key"] = "k", ["content-type"] = "text/plain" } };
        var options = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = proxy });
        var headers = ClientHeaders.Of([new("Cookie", "a=1"), new("Origin", "https://a.example")], options.Headers);

        await _backEnds.RpcAsync(proxy, Caller with { Headers = headers }, Rpc, default);

        Assert.That(
            _far.Headers[0].Where(header => header.Key is not ("Content-Length" or "Host")).Select(header => $"{header.Key}: {header.Value}"),
            Is.EquivalentTo(new[] { "Content-Type: application/json", "Cookie: a=1", "X-Key: k" }));
    }

    [TestCase(201)]
    [TestCase(204)]
    [TestCase(400)]
    [TestCase(404)]
    [TestCase(500)]
    [TestCase(503)]
    [Checklist(164)]
    public async Task Any_status_but_200_is_error_100(int status)
    {
        _far.NextStatus(status);

        AssertFault(await AskAsync(_far.Settings()));
        Assert.That(_far.Requests, Has.Count.EqualTo(1), "an event is sent once");
    }

    [TestCase(302)]
    [TestCase(307)]
    [Checklist(164)]
    public async Task A_redirect_is_not_followed(int status)
    {
        _far.Next(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/centrifugo";
            return Task.CompletedTask;
        });

        AssertFault(await AskAsync(_far.Settings()));
        Assert.That(_far.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    [Checklist(168)]
    public async Task A_status_may_stand_for_an_error_or_a_disconnect()
    {
        var proxy = _far.Settings() with
        {
            Transforms = new Dictionary<int, StatusTransform>
            {
                [404] = new(new ErrorCode(1404, "not there", Temporary: true), null),
                [403] = new(null, new DisconnectCode(4503, "banned")),
            },
        };
        _far.NextStatus(404);
        _far.NextStatus(403);
        _far.NextStatus(500);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await AskAsync(proxy), Is.EqualTo(Outcome<CallResult>.Refused(new ErrorCode(1404, "not there", true))));
            Assert.That(await AskAsync(proxy), Is.EqualTo(Outcome<CallResult>.Disconnected(new DisconnectCode(4503, "banned"))));
            AssertFault(await AskAsync(proxy));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    [Checklist(164)]
    public async Task A_back_end_that_does_not_answer_in_time_is_error_100(CancellationToken cancellation)
    {
        var arrived = new TaskCompletionSource();
        _far.Next(async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        var asking = AskAsync(_far.Settings() with { Timeout = TimeSpan.FromSeconds(1) });
        await arrived.Task.WaitAsync(cancellation);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.That(asking.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        AssertFault(await asking.WaitAsync(cancellation));
        Assert.That(_log.Warnings.Single(), Does.Contain("backend").And.Contains("timeout"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_answer_whose_body_does_not_end_is_aborted_in_time(CancellationToken cancellation)
    {
        var arrived = new TaskCompletionSource();
        _far.Next(async context =>
        {
            await context.Response.WriteAsync("""{"result":{}}""", cancellation);
            await context.Response.Body.FlushAsync(cancellation);
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        var asking = AskAsync(_far.Settings() with { Timeout = TimeSpan.FromSeconds(1) });
        await arrived.Task.WaitAsync(cancellation);
        _time.Advance(TimeSpan.FromSeconds(1));

        AssertFault(await asking.WaitAsync(cancellation));
    }

    [Test]
    [Checklist(164)]
    public async Task An_unreachable_back_end_is_error_100()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = new ProxySettings("away", new Uri($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/"));

        AssertFault(await AskAsync(nobody));
        Assert.That(_log.Warnings.Single(), Does.Contain("away").And.Contains("no connection"));
    }

    [TestCase("nonsense", "malformed answer")]
    [TestCase("", "malformed answer")]
    [Checklist(164)]
    public async Task Bad_JSON_is_error_100(string body, string fault)
    {
        _far.Answer = _ => body;

        AssertFault(await AskAsync(_far.Settings()));
        Assert.That(_log.Warnings.Single(), Does.Contain(fault));
    }

    [Test]
    public async Task An_answer_over_the_limit_is_error_100()
    {
        _far.Answer = _ => $$$"""{"result":{"data":"{{{new string('x', ProxySender.MaxAnswerBytes)}}}"}}""";

        AssertFault(await AskAsync(_far.Settings()));
        Assert.That(_log.Warnings.Single(), Does.Contain("answer too large"));
    }

    [Test]
    public async Task A_back_end_that_fails_is_logged_once_until_it_answers_again()
    {
        _far.NextStatus(500, times: 3);
        for (var asked = 0; asked < 4; asked++)
        {
            await AskAsync(_far.Settings());
        }

        Assert.That(_log.Warnings, Has.Count.EqualTo(1));

        _far.NextStatus(500);
        await AskAsync(_far.Settings());

        Assert.That(_log.Warnings, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_request_of_a_disconnected_client_is_cancelled()
    {
        using var gone = new CancellationTokenSource();
        _far.Next(context =>
        {
            gone.Cancel();
            return Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        Assert.That(async () => await _backEnds.RpcAsync(_far.Settings(), Caller, Rpc, gone.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_payload_that_the_back_end_cannot_get_is_refused_without_a_request()
    {
        var outcome = await _backEnds.PublishAsync(_far.Settings(), Caller, new(ProxyEventKind.Publish) { Data = "no JSON".Utf8() }, default);

        Assert.That(outcome.Error?.Code, Is.EqualTo(107));
        Assert.That(_far.Requests, Is.Empty);
    }

    private Task<Outcome<CallResult>> AskAsync(ProxySettings proxy) => _backEnds.RpcAsync(proxy, Caller, Rpc, default);

    private static void AssertFault(Outcome<CallResult> outcome) =>
        Assert.That(outcome, Is.EqualTo(Outcome<CallResult>.Refused(ErrorCode.Internal)));
}
