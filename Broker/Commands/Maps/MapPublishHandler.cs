using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>Changes a key of a map for a client. docs/reference/protocol.md#changes-by-clients</summary>
internal sealed class MapPublishHandler(MapPublisher publisher, ProxiedMaps proxied, ChannelPermissions permissions, ChannelPublisher rules)
{
    public async ValueTask HandleAsync(ClientConnection connection, uint id, ResolvedChannel channel, PublishCommand command)
    {
        var outcome = FindRefusal(connection, channel, command, out var publication) is { } refusal ? new() { Error = refusal }
            : IsProxied(channel, command.Removed) ? await AskAsync(connection, channel, command, publication)
            : await ChangeAsync(connection, channel, command, publication);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (outcome.Error is { } error)
        {
            connection.SendError(id, error, channel.Name);
        }
        else
        {
            var reply = FrameWriter.Begin();
            connection.Codec.WritePublished(reply, id);
            connection.Send(reply);
        }
    }

    private static bool IsProxied(ResolvedChannel channel, bool isRemoval) => isRemoval ? ProxiedMaps.DecidesOnRemove(channel) : ProxiedMaps.DecidesOnPublish(channel);

    // Whether the client may make the change, and whether it is one. A removal has no data.
    private ErrorCode? FindRefusal(ClientConnection connection, ResolvedChannel channel, in PublishCommand command, out Publication publication)
    {
        var subscription = connection.Subscriptions.Find(channel.Name);
        publication = new Publication(command.Data ?? default, connection.Subscriptions.InfoOn(subscription));
        var request = new PublishRequest(connection.Principal, channel, publication) { MayBeBinary = connection.Codec.IsBinary };
        var rule = IsProxied(channel, command.Removed) ? ChannelPermissions.FindFaultOfName(channel) ?? AccessRule.BackEnd
            : permissions.CanChangeMap(connection.Principal, channel, command.Removed, isSubscribed: subscription is not null);
        var outcome = command.Removed ? ChannelPublisher.OutcomeOf(request, rule) : ChannelPublisher.Check(request, rule);
        if (outcome.Status is PublishStatus.Published)
        {
            return null;
        }

        connection.Services.Metrics.Denied(outcome.Refusal, AccessAction.Publish);
        return PublishError.Of(outcome, rules, channel.Name);
    }

    private ValueTask<MapOutcomeForClient> AskAsync(ClientConnection connection, ResolvedChannel channel, in PublishCommand command, in Publication publication)
    {
        var key = Encoding.UTF8.GetString(command.Key.Span);
        return command.Removed
            ? proxied.RemoveAsync(connection.Caller, connection.Principal, channel, key)
            : proxied.PublishAsync(connection.Caller, connection.Principal, channel, key, publication);
    }

    private async ValueTask<MapOutcomeForClient> ChangeAsync(ClientConnection connection, ResolvedChannel channel, PublishCommand command, Publication publication)
    {
        var options = channel.OptionsOrNone;
        if (options.Map.ClientKey is MapClientKey.UserId && connection.Principal.IsAnonymous)
        {
            return new() { Error = AccessError.Of(AccessRule.Anonymous, channel.Name) };
        }

        var key = options.Map.ClientKey switch
        {
            MapClientKey.ClientId => connection.Id.ToString(),
            MapClientKey.UserId => connection.Principal.Name,
            _ => Encoding.UTF8.GetString(command.Key.Span),
        };
        if (MapRules.RefuseKey(key) is { } fault)
        {
            return new() { Error = fault };
        }

        var change = new MapChange { Key = key, Publication = publication, WantsDelta = options is { AllowFossilDelta: true, DeltaPublish: true } };
        return MapOutcomeForClient.Of(command.Removed
            ? await publisher.RemoveAsync(channel, new(key), connection.Principal)
            : await publisher.PublishAsync(channel, change, connection.Principal));
    }
}
