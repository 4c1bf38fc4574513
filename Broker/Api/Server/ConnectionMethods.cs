using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>subscribe</c>, <c>unsubscribe</c>, <c>disconnect</c> and <c>refresh</c>: changes of live connections.</summary>
internal sealed class ConnectionMethods(ServerApiChannels channels, IConnectionControl control)
{
    // In place of a number that is no code of clients, and of no close frame either: they connect again, as after any close that they do not know.
    private const int UnknownToClients = 3000;

    private const string InfoRule = "b64info and b64data must be base64";

    public ServerApiCall Subscribe(ServerApiFields fields)
    {
        var (name, whom) = (fields.Text("channel"), Whom(fields));
        var areBytes = fields.TryBytes("info", isNullValue: false, out var info) & fields.TryBytes("data", isNullValue: false, out var data);
        var grant = new AllowedSubscription(name, info, data, fields.Overrides()) { ExpiresAt = fields.Moment("expire_at") };
        var order = new SubscribeOrder(grant, ChannelMethods.Since(fields, "recover_since"));
        return () => areBytes ? InChannelAsync(name, () => control.SubscribeAsync(whom, order)) : new(ServerApiAnswer.BadRequest(InfoRule));
    }

    public ServerApiCall Unsubscribe(ServerApiFields fields)
    {
        var (name, whom) = (fields.Text("channel"), Whom(fields));
        // Nobody can be subscribed to no channel: there is nothing to do, which is no error.
        return () => name.Length == 0 ? new(ServerApiAnswer.Done) : InChannelAsync(name, () => control.UnsubscribeAsync(whom, new(name, UnsubscribeCode.ServerUnsubscribe)));
    }

    public ServerApiCall Disconnect(ServerApiFields fields)
    {
        var (whom, spared) = (Whom(fields), fields.Texts("whitelist"));
        var code = Code(fields);
        return () => code is null
            ? new(ServerApiAnswer.BadRequest($"the reason of a disconnect must be at most {ProtocolLimits.MaxCloseReasonBytes} bytes"))
            : DoneAsync(control.DisconnectAsync(whom, new(code, spared)));
    }

    public ServerApiCall Refresh(ServerApiFields fields)
    {
        var whom = Whom(fields);
        var isInfo = fields.TryBytes("info", isNullValue: false, out var info);
        var end = fields.Flag("expired") ? DateTimeOffset.MinValue : fields.Moment("expire_at");
        return () => isInfo ? DoneAsync(control.RefreshAsync(whom, new(end, info))) : new(ServerApiAnswer.BadRequest(InfoRule));
    }

    private static ConnectionFilter Whom(ServerApiFields fields) => new(fields.Text("user"), fields.Text("client"), fields.Text("session"));

    private static DisconnectCode? Code(ServerApiFields fields)
    {
        if (fields.Object("disconnect") is not { } disconnect)
        {
            return DisconnectCode.ForceDisconnect;
        }

        var (number, reason) = ((long)Math.Min(disconnect.WholeNumber("code"), long.MaxValue), disconnect.Text("reason"));
        fields.Adopt(disconnect);
        return DisconnectCode.Custom(number, reason) ?? DisconnectCode.Custom(UnknownToClients, reason);
    }

    private async ValueTask<ServerApiAnswer> InChannelAsync(string name, Func<ValueTask> act) =>
        !channels.TryFind(name, out _, out var error) ? error : await DoneAsync(act());

    private static async ValueTask<ServerApiAnswer> DoneAsync(ValueTask acting)
    {
        await acting;
        return ServerApiAnswer.Done;
    }
}
