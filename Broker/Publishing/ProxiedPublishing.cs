using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Publishing;

/// <summary>Publishes to namespaces whose back end decides on it, and may change what is published. docs/reference/proxies.md</summary>
internal sealed class ProxiedPublishing(BackEnds backEnds, ChannelPublisher publisher, ProxyOptions proxies)
{
    /// <summary>Whether a back end decides on publishes to the channel over connections.</summary>
    public static bool IsFor(ResolvedChannel channel) => channel.Options is { PublishProxy: not null };

    /// <param name="request">To a channel with a <see cref="ChannelOptions.PublishProxy"/>.</param>
    /// <param name="caller">The client, as back ends know it.</param>
    public async ValueTask<PublishOutcome> PublishAsync(ProxyCaller caller, PublishRequest request)
    {
        if (ChannelPublisher.CheckForm(request) is var form && form.Status is not PublishStatus.Published)
        {
            return form;
        }

        var proxy = proxies.Find(request.Channel.OptionsOrNone.PublishProxy)!;
        var happened = new ProxyEvent(ProxyEventKind.Publish) { Channel = request.Channel.Name.Value, Data = request.Publication.Data };
        var outcome = await backEnds.PublishAsync(proxy, caller, happened, default);
        if (outcome.Value is not { } answer)
        {
            return new(PublishStatus.RefusedByBackEnd) { Error = outcome.Error, Disconnect = outcome.Disconnect };
        }

        await publisher.WhenRoom();
        await publisher.AcceptAsync(request with { Publication = answer.ApplyTo(request.Publication) }, answer.Options);
        return new(PublishStatus.Published);
    }
}
