using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands.Maps;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Commands;

/// <summary>Publishes for a client, under the rules that every door applies. docs/reference/protocol.md#publish</summary>
/// <remarks>Hot path: no allocation besides the frames that subscribers share.</remarks>
internal sealed class PublishHandler(ChannelResolver channels, ChannelPublisher publisher, ProxiedPublishing proxied, MapPublishHandler maps)
{
    public async ValueTask HandleAsync(ClientConnection connection, uint id, PublishCommand command)
    {
        if (command.Channel.IsEmpty)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (command is { Data: null, Removed: false } && !connection.Codec.IsBinary)
        {
            connection.SendError(id, PublishError.NoData);
        }
        else if (!channels.TryResolve(command.Channel.Span, out var channel))
        {
            connection.SendError(id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (command.Type == (int)SubscriptionType.Map && channel.OptionsOrNone.IsMap)
        {
            await maps.HandleAsync(connection, id, channel, command);
        }
        else if (channel.Options is not null && AccessError.OfType(channel, command.Type) is { } mismatch)
        {
            connection.SendError(id, mismatch, channel.Name);
        }
        else
        {
            var subscription = connection.Subscriptions.Find(channel.Name);
            if (subscription is SourcedSubscription { Source: { TakesPublications: true } source })
            {
                await SendAsync(connection, id, channel.Name, source, command.Data ?? default);
                return;
            }

            var publication = new Publication(command.Data ?? default, connection.Subscriptions.InfoOn(subscription));
            var publish = new PublishRequest(connection.Principal, channel, publication)
            {
                AnonymousRate = connection.AnonymousRate,
                Address = connection.Address,
                MayBeBinary = connection.Codec.IsBinary,
                IsSubscribed = subscription is not null,
            };
            await PublishAsync(connection, id, publish);
        }
    }

    private async ValueTask PublishAsync(ClientConnection connection, uint id, PublishRequest publish)
    {
        var outcome = ProxiedPublishing.IsFor(publish.Channel)
            ? await proxied.PublishAsync(connection.Caller, publish)
            : await publisher.PublishAsync(publish);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else
        {
            Answer(connection, id, publish.Channel.Name, outcome);
        }
    }

    private void Answer(ClientConnection connection, uint id, ChannelName channel, in PublishOutcome outcome)
    {
        if (outcome.Status is not PublishStatus.Published)
        {
            connection.Services.Metrics.Denied(outcome.Refusal, AccessAction.Publish);
            connection.SendError(id, PublishError.Of(outcome, publisher, channel), channel);
            return;
        }

        Confirm(connection, id);
    }

    // To the back end that has a stream for this subscription: nobody else hears it.
    private static async ValueTask SendAsync(ClientConnection connection, uint id, ChannelName channel, ISubscriptionSource source, ReadOnlyMemory<byte> data)
    {
        if (await source.TrySendAsync(data))
        {
            Confirm(connection, id);
        }
        else
        {
            connection.SendError(id, ErrorCode.Internal, channel);
        }
    }

    private static void Confirm(ClientConnection connection, uint id)
    {
        var reply = FrameWriter.Begin();
        connection.Codec.WritePublished(reply, id);
        connection.Send(reply);
    }
}
