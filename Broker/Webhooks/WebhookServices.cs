using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Webhooks;

/// <summary>What each worker needs.</summary>
/// <param name="Bus">Lets this node hear the channels of its webhooks.</param>
internal sealed record WebhookServices(
    IStateStore State,
    IChannelEngine Engine,
    ChannelHub Hub,
    INodeSubscriptions Bus,
    ChannelResolver Channels,
    WebhookRight Right,
    WebhookSender Sender,
    WebhookBudget Budget,
    BrokerMetrics Metrics,
    WebhookOptions Options,
    TimeProvider Time)
{
    public IWebhookStore Store => State.Webhooks;

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
