using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transports;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Nodes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NodeRelayTests : IDisposable
{
    private static readonly Guid Other = Guid.NewGuid();

    private readonly RecordingBus _bus = new();
    private readonly BrokerMetrics _metrics = new();
    private readonly RunningLog _log = new();
    private readonly NodeRelay _relay;

    public NodeRelayTests()
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _relay = new NodeRelay(_bus, new EmulatedSessions(), new ConnectionOptions { MaxMessageBytes = 10 }, new TransportSettings(), _metrics, loggers.CreateLogger<NodeRelay>());
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task A_request_goes_to_the_node_that_it_names()
    {
        var data = "{}".Utf8();

        Assert.That(await _relay.TryRelayAsync(new("session", Other.ToString(), data)), Is.True);

        var (to, message) = _bus.Sent.Single();
        Assert.That((to, ((RelayedMessage)message).Session, ((RelayedMessage)message).Data.ToArray()), Is.EqualTo((Other, "session", data)).UsingPropertiesComparer());
    }

    [TestCase("")]
    [TestCase("node")]
    [TestCase("*")]
    [TestCase("{0b7b1f0e-9a0c-4a5e-8a39-3c4f0a3c8a11}")]
    [TestCase("0B7B1F0E-9A0C-4A5E-8A39-3C4F0A3C8A11")]
    [TestCase(" 0b7b1f0e-9a0c-4a5e-8a39-3c4f0a3c8a11")]
    public async Task A_request_with_an_invalid_node_name_is_not_sent(string node)
    {
        Assert.That(await _relay.TryRelayAsync(new("session", node, default)), Is.False);
        Assert.That(_bus.Sent, Is.Empty);
    }

    [Test]
    public async Task A_request_to_a_missing_node_returns_false()
    {
        _bus.Missing = Other;

        Assert.That(await _relay.TryRelayAsync(new("session", Other.ToString(), default)), Is.False);
    }

    [Test]
    public void A_message_over_the_limit_is_dropped_and_logged_once()
    {
        _relay.OnRelayed(new("session", new byte[10]));
        Assert.That(_log.Warnings, Is.Empty);

        _relay.OnRelayed(new("session", new byte[11]));
        _relay.OnRelayed(new("session", new byte[12]));

        Assert.That(_log.Warnings.Single(), Does.Contain("11 bytes"));
    }
}
