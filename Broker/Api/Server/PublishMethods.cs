using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>publish</c> and <c>broadcast</c>: data is published unchanged, to any channel.</summary>
internal sealed class PublishMethods(ServerApiChannels channels, ChannelPublisher publisher)
{
    // The maximum number of simultaneous publishes: a broadcast may name as many channels as fit into a request.
    private const int AtOnce = 64;

    public ServerApiCall Publish(ServerApiFields fields)
    {
        var (channel, publication) = (fields.Text("channel"), ServerPublication.Read(fields));
        return () => PublishAsync(channel, publication);
    }

    /// <summary>A call with parameters that did not come as JSON.</summary>
    /// <param name="names">One: <c>publish</c>, several: <c>broadcast</c>.</param>
    public ServerApiCall Publish(IReadOnlyList<string> names, Publication given, PublishOptions options)
    {
        var publication = new ServerPublication(IsData: true, IsJson: false, given, options);
        return names is [var name] ? () => PublishAsync(name, publication) : () => BroadcastAsync(names, publication);
    }

    public ServerApiCall Broadcast(ServerApiFields fields)
    {
        var (names, publication) = (fields.Texts("channels"), ServerPublication.Read(fields));
        return () => BroadcastAsync(names, publication);
    }

    private async ValueTask<ServerApiAnswer> PublishAsync(string name, ServerPublication publication)
    {
        if (name.Length == 0)
        {
            return ServerApiAnswer.BadRequest("channel is needed");
        }

        if (!channels.TryFind(name, out var channel, out var error))
        {
            // Nobody can subscribe to an invalid name, so nobody misses this publication.
            return channel == default && publication.Refuse(ChannelOptions.None, isClaw: false) is null ? ServerApiAnswer.Done : error;
        }

        if (channel.OptionsOrNone.SubscriptionType is not SubscriptionType.Stream)
        {
            return ServerApiAnswer.BadRequest(channel.OptionsOrNone.IsMap ? "the channel is a map: use map_publish" : "the channel is a shared poll: use shared_poll_publish");
        }

        if (publication.Refuse(channel.OptionsOrNone, channel.Name.IsClaw) is { } fault)
        {
            return ServerApiAnswer.BadRequest(fault);
        }

        await publisher.WhenRoom();
        return ResultOf(await publisher.PublishAsGivenAsync(channel, publication.Publication, publication.Options));
    }

    private async ValueTask<ServerApiAnswer> BroadcastAsync(IReadOnlyList<string> names, ServerPublication publication)
    {
        if (names.Count == 0)
        {
            return ServerApiAnswer.BadRequest("channels are needed");
        }

        var answers = new List<ServerApiAnswer>(names.Count);
        foreach (var some in names.Chunk(AtOnce))
        {
            answers.AddRange(await Task.WhenAll(some.Select(name => ServerApiMethods.TryAsync(() => PublishAsync(name, publication)).AsTask())));
        }

        return new BroadcastResult(answers);
    }

    private static ServerApiAnswer ResultOf(PublishResult result) => result.Position.Offset == 0 ? ServerApiAnswer.Done : new PublishedResult(result.Position);
}
