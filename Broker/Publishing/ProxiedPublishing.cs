using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Publishing;

/// <summary>Publishes to namespaces whose back end decides on it, and may change what is published. docs/reference/proxies.md</summary>
internal sealed class ProxiedPublishing(BackEnds backEnds, ChannelPublisher publisher, BrokerOptions options)
{
    /// <summary>Whether a back end decides on publishing to the channel.</summary>
    public bool IsFor(ChannelName channel) => options.Namespaces.Find(channel)?.PublishProxy is not null;

    /// <returns>Null when the connection is ending.</returns>
    public async ValueTask<(PublishOutcome Outcome, ErrorCode? Error)?> PublishAsync(ClientConnection connection, PublishRequest request)
    {
        if (publisher.CheckForm(request) is var form && form is not PublishStatus.Published)
        {
            return (new(form), null);
        }

        var proxy = options.Proxies.Find(options.Namespaces.Find(request.Channel)!.PublishProxy)!;
        var happened = new ProxyEvent(ProxyEventKind.Publish) { Channel = request.Channel.Value, Data = request.Payload };
        var outcome = await backEnds.PublishAsync(proxy, connection.Caller, happened, default);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
            return null;
        }

        if (outcome.Result is var ((data, _, tags), wishes))
        {
            await publisher.AcceptAsync(data.IsEmpty ? request : request with { Payload = data }, tags, wishes);
        }

        return (new(PublishStatus.Published), outcome.Error);
    }
}
