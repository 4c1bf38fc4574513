using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Lets a connection listen to a channel. docs/reference/protocol.md#subscribe</summary>
internal sealed class SubscribeHandler(ChannelNames channels, ChannelPermissions permissions)
{
    /// <remarks>
    /// It joins before it asks: a lock set in between then finds the subscription and ends it, while asking first would leave
    /// one behind that nobody allowed.
    /// </remarks>
    public async ValueTask HandleAsync(ClientConnection connection, Command command)
    {
        if (command.Channel.IsEmpty || command.Delta is DeltaType.Unknown)
        {
            connection.Disconnect(DisconnectCode.BadRequest);
        }
        else if (!channels.TryGet(command.Channel.Span, out var channel))
        {
            connection.SendError(command.Id, ErrorCode.BadRequest.Because(channels.Rule));
        }
        else if (connection.Join(channel, out var error) is not { } subscription)
        {
            connection.SendError(command.Id, error!);
        }
        else
        {
            await DecideAsync(connection, command, subscription);
        }
    }

    private async ValueTask DecideAsync(ClientConnection connection, Command command, Subscription subscription)
    {
        var decision = AccessDecision.Denied;
        try
        {
            decision = await permissions.CanSubscribeAsync(connection.Principal, subscription.Channel);
        }
        finally
        {
            if (decision is not AccessDecision.Allowed)
            {
                connection.Abandon(subscription);
            }
        }

        if (decision is not AccessDecision.Allowed || !TryConfirm(connection, command, subscription))
        {
            connection.SendError(command.Id, AccessError.Of(decision, subscription.Channel));
        }
    }

    private static bool TryConfirm(ClientConnection connection, in Command command, Subscription subscription)
    {
        var frame = FrameWriter.Begin();
        MessageCodec.Json.TryWriteSubscribed(frame, command.Id, new() { WasRecovering = command.Recover });
        return connection.TryActivate(subscription, frame.Complete(Opcode.Text));
    }
}
