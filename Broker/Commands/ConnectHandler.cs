using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Commands;

/// <summary>Handles the first command of a connection: identifies the client and makes its first subscriptions.</summary>
/// <remarks>docs/reference/protocol.md#connect</remarks>
internal sealed class ConnectHandler(
    ClientSettings clients,
    ProxyOptions proxies,
    ConnectionOptions options,
    Authentication authentication,
    ConnectSubscriptions subscriptions,
    SubscriptionOpening opening,
    OpenConnections connections,
    ConnectionLimits limits,
    IConnectionControl control,
    ILiveKeys liveKeys,
    NodeIdentity node,
    TimeProvider time)
{
    private static readonly ErrorCode NodeIsBusy = ErrorCode.TooManyRequests.Because(ConnectionLimits.NodeIsBusy);

    public async ValueTask HandleAsync(ClientConnection connection, uint id, ConnectCommand command)
    {
        if (limits.IsClosed)
        {
            // It was upgraded before.
            connection.Disconnect(DisconnectCode.Shutdown);
            return;
        }

        if (!limits.TryConnect())
        {
            Refuse(connection, id, NodeIsBusy);
            return;
        }

        if (command.Details is { } details)
        {
            connection.AddHeaders(details.Headers);
        }

        var outcome = await authentication.IdentifyAsync(connection, command);
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (outcome.Error is { } error)
        {
            Refuse(connection, id, error);
        }
        else
        {
            await AcceptAsync(connection, id, command, outcome.Value!);
        }
    }

    private void Refuse(ClientConnection connection, uint id, ErrorCode error)
    {
        connections.Remove(connection);
        connection.Refuse();
        connection.SendError(id, error);
    }

    private async ValueTask AcceptAsync(ClientConnection connection, uint id, ConnectCommand command, ConnectAnswer answer)
    {
        connection.Identify(answer.Identity);
        if (!connections.TryReserve(connection, clients.UserConnectionLimit))
        {
            connection.Disconnect(DisconnectCode.ConnectionLimit);
            return;
        }

        var plans = subscriptions.Plan(GrantedTo(answer.Identity), AskedBy(command, answer.Identity));
        if (plans.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else
        {
            await OpenAsync(connection, id, answer, plans);
        }
    }

    private async ValueTask OpenAsync(ClientConnection connection, uint id, ConnectAnswer answer, Outcome<IReadOnlyList<SubscriptionPlan>> plans)
    {
        var error = plans.Error ?? await BeginAsync(connection, id, answer, plans.Value!);
        if (error is null)
        {
            await EndOthersAsync(connection);
            await EndIfRevokedAsync(connection);
        }
        else if (error == ErrorCode.LimitExceeded)
        {
            connection.Disconnect(DisconnectCode.ChannelLimit);
        }
        else if (!connection.IsClosing)
        {
            Refuse(connection, id, error);
        }
    }

    // Most connects have no subscriptions; they allocate nothing for them.
    private ValueTask<ErrorCode?> BeginAsync(ClientConnection connection, uint id, ConnectAnswer answer, IReadOnlyList<SubscriptionPlan> plans) =>
        plans.Count == 0 ? new(Confirm(connection, id, answer, [])) : OpenAllAsync(connection, id, answer, plans);

    private ValueTask<ErrorCode?> OpenAllAsync(ClientConnection connection, uint id, ConnectAnswer answer, IReadOnlyList<SubscriptionPlan> plans) =>
        opening.OpenAllAsync(connection, plans, opened => Confirm(connection, id, answer, opened));

    private IReadOnlyList<AllowedSubscription> GrantedTo(ConnectionIdentity identity) =>
        clients.PersonalChannelOf(identity.Principal.Name) is { } personal ? [.. identity.Subscriptions, new(personal)] : identity.Subscriptions;

    // A back end that identifies the client also decides its subscriptions: the client may ask for no others.
    private IReadOnlyDictionary<string, SubscribeCommand> AskedBy(in ConnectCommand command, ConnectionIdentity identity)
    {
        var asked = (command.Details ?? ConnectDetails.None).Subscriptions;
        return asked.Count > 0 && command.Token.IsEmpty && proxies.Connect is not null
            ? OnlyGranted(asked, GrantedTo(identity))
            : asked;
    }

    private static Dictionary<string, SubscribeCommand> OnlyGranted(
        IReadOnlyDictionary<string, SubscribeCommand> asked, IReadOnlyList<AllowedSubscription> granted) =>
        asked.Where(pair => granted.Any(grant => grant.Channel == pair.Key)).ToDictionary();

    private ErrorCode? Confirm(ClientConnection connection, uint id, ConnectAnswer answer, IReadOnlyList<OpeningSubscription> opened)
    {
        var reply = FrameWriter.Begin();
        var ping = connection.SendsPingFrames ? 0 : (int)options.PingInterval.TotalSeconds;
        var result = new ConnectResult(connection.Id, BrokerVersion.Text, SecondsLeft(answer.Identity), ping)
        {
            Pong = ping > 0 && !connection.Wire.IsUnidirectional,
            Data = answer.Data,
            Subscriptions = opened.Count == 0 ? null : [.. opened.Select(begun => new ServerSubscription(begun.Subscription.Channel, begun.Result))],
            Session = connection.Session,
            Node = connection.Wire.IsEmulated ? node.Name : null,
            Time = clients.TellsTime ? time.GetUtcNow().ToUnixTimeMilliseconds() : 0,
        };
        if (connection.Wire.IsUnidirectional ? connection.Codec.TryWriteConnectPush(reply, result) : connection.Codec.TryWriteConnected(reply, id, result))
        {
            connection.Subscriptions.StartAll(opened.Count == 0 ? [] : [.. opened.Select(begun => begun.Subscription)], connection.Complete(reply));
            connection.Connect();
            return null;
        }

        connection.Disconnect(DisconnectCode.InappropriateProtocol);
        return ErrorCode.NotAvailable;
    }

    // When a refresh proxy prolongs connections, the client need not.
    private long SecondsLeft(ConnectionIdentity identity) => proxies.Refresh is null ? TokenLife.SecondsLeft(identity.ExpiresAt, time) : 0;

    private ValueTask EndOthersAsync(ClientConnection connection) =>
        clients is { HasPersonalChannels: true, HasSinglePersonalConnection: true } && !connection.Principal.IsAnonymous
            ? control.DisconnectAsync(new(connection.Principal.Name), new(DisconnectCode.ConnectionLimit, [connection.Id.ToString()]))
            : ValueTask.CompletedTask;

    // A change since the token was checked did not find the connection: it was not among the open ones yet.
    private async ValueTask EndIfRevokedAsync(ClientConnection connection)
    {
        try
        {
            if (await liveKeys.HasEndedAsync(connection.Principal))
            {
                connection.Disconnect(DisconnectCode.ConnectionExpired);
            }
        }
        catch (StoreUnavailableException)
        {
            // The client comes back, and its token is checked then.
            connection.Disconnect(DisconnectCode.InsufficientState);
        }
    }
}
