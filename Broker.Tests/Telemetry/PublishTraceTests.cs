using System.Collections.Concurrent;
using System.Diagnostics;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Telemetry;

/// <summary>The spans of a publish, from its HTTP request to the sockets of the subscribers on every node.</summary>
/// <remarks>Alone, because a listener hears all brokers of the process: publishes would allocate, which other tests forbid.</remarks>
[NonParallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PublishTraceTests : IDisposable
{
    private readonly string _traceId = ActivityTraceId.CreateRandom().ToHexString();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public PublishTraceTests()
    {
        // As a sampler does that goes by the caller: publishes of other tests are not traced.
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is PublishTrace.SourceName or PublishTrace.HttpSourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId.ToHexString() == _traceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                if (activity.TraceId.ToHexString() == _traceId)
                {
                    _ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Test]
    public async Task A_publish_is_traced_from_its_request_to_the_sockets()
    {
        await using var broker = await RunningBroker.StartAsync();
        var alice = await broker.RegisterAsync("alice");
        var listener = await broker.ConnectAsync(alice);
        await listener.SubscribeAsync("public.a");

        await PublishAsync(broker, alice);
        var spans = await Eventually.GetAsync(() => Task.FromResult(_ended.ToArray()), spans => spans.Length >= 6);

        Assert.That(spans.Select(ChainOf), Is.EquivalentTo(new[]
        {
            "", "publish", "publish/permission", "publish/engine", "publish/engine/fan-out", "publish/engine/fan-out/deliver",
        }));
        Assert.That(spans.Single(span => span.OperationName is "publish").GetTagItem("messaging.destination.name"), Is.EqualTo("public.a"));
        Assert.That(spans.Single(span => span.OperationName is "deliver").GetTagItem("clawevents.subscribers"), Is.EqualTo(1));

        string ChainOf(Activity span) => Chain(span, spans);
    }

    [Test]
    public async Task A_trace_goes_on_at_every_node_that_delivers()
    {
        await using var nodes = await TwoNodes.StartAsync();
        var alice = await nodes.Here.RegisterAsync("alice");
        foreach (var node in nodes.Both)
        {
            await (await node.ConnectAsync(alice)).SubscribeAsync("public.a");
        }

        await PublishAsync(nodes.Here, alice);
        var spans = await Eventually.GetAsync(() => Task.FromResult(_ended.ToArray()), spans => spans.Count(span => span.OperationName is "deliver") == 2 && spans.Length >= 10);

        Assert.That(spans.Select(span => Chain(span, spans)), Is.EquivalentTo(new[]
        {
            "", "publish", "publish/permission", "publish/engine",
            "publish/engine/bus", "publish/engine/bus/fan-out", "publish/engine/bus/fan-out/deliver",
            "publish/engine/bus", "publish/engine/bus/fan-out", "publish/engine/bus/fan-out/deliver",
        }));
    }

    [Test]
    public async Task A_refused_publish_says_why_in_its_span()
    {
        await using var broker = await RunningBroker.StartAsync();
        var alice = await broker.RegisterAsync("alice");

        await PublishAsync(broker, alice, "agent.bob.x");
        var spans = await Eventually.GetAsync(() => Task.FromResult(_ended.ToArray()), spans => spans.Length >= 3);

        var publish = spans.Single(span => span.OperationName is "publish");
        Assert.That((publish.Status, publish.StatusDescription), Is.EqualTo((ActivityStatusCode.Error, "Denied")));
    }

    [TestCase("")]
    [TestCase("00-zz")]
    [TestCase("00-00000000000000000000000000000000-0000000000000000-01")]
    public void A_context_that_means_nothing_begins_no_span(string context) =>
        Assert.That(PublishTrace.Heard(context, TestChannel.Named("public.a")), Is.Null);

    // Names from the publish down; the request's own span is the empty one.
    private static string Chain(Activity span, Activity[] all) =>
        span.Source.Name is PublishTrace.HttpSourceName ? ""
        : all.SingleOrDefault(other => other.SpanId == span.ParentSpanId) is { } parent && Chain(parent, all) is { Length: > 0 } above ? $"{above}/{span.OperationName}"
        : span.OperationName;

    private async Task PublishAsync(RunningBroker broker, string token, string channel = "public.a") => await broker.SendAsync(
        HttpMethod.Post, "/api/publish", $$"""{"channel":"{{channel}}","payload":1}""".Utf8(), ("Authorization", $"Bearer {token}"), ("traceparent", $"00-{_traceId}-b7ad6b7169203331-01"));
}
