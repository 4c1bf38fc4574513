using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Configuration;

/// <summary>Every setting: a record for each room that has any. docs/reference/settings.md names the keys; <see cref="BrokerOptionsReader"/> reads and checks them.</summary>
internal sealed record BrokerOptions
{
    public IdentityOptions Identity { get; init; } = new();

    /// <summary><c>Namespaces</c> and <c>WithoutNamespace</c>: history, presence and permissions of channels.</summary>
    public ChannelNamespaces Namespaces { get; init; } = ChannelNamespaces.Default;

    /// <summary><c>Map…</c>.</summary>
    public MapSettings Maps { get; init; } = new();

    /// <summary><c>Proxies</c> and <c>…Proxy</c>: back ends that decide about actions of clients.</summary>
    public ProxyOptions Proxies { get; init; } = ProxyOptions.None;

    /// <summary><c>SharedPoll…</c>.</summary>
    public SharedPollSettings SharedPolls { get; init; } = new();

    public ListenerOptions Listeners { get; init; } = new();

    public StateOptions State { get; init; } = new();

    /// <summary>The costs that one address may cause.</summary>
    public AddressRules Addresses { get; init; } = new();

    public ConnectionOptions Connections { get; init; } = new();

    public PublishingOptions Publishing { get; init; } = new();

    public ApiOptions Api { get; init; } = new();

    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Rules for connections of clients.</summary>
    public ClientSettings Clients { get; init; } = new();

    public TransportSettings Transports { get; init; } = new();

    /// <summary><c>GrpcApi…</c> and <c>UniGrpc…</c>: the doors that speak gRPC.</summary>
    public GrpcOptions Grpc { get; init; } = new();

    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary><c>Consumers</c>: queues from which commands are read.</summary>
    public IReadOnlyList<ConsumerOptions> Consumers { get; init; } = [];

    /// <summary><c>MaxChannelBytes</c>: size limit of a channel's name.</summary>
    public int MaxChannelBytes { get; init; } = ChannelNames.MaxBytes;

    /// <summary><c>NamespaceBoundary</c> and the like: what separates the parts of a channel's name.</summary>
    public ChannelSyntax ChannelSyntax { get; init; } = ChannelSyntax.Default;
}
