using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>subscribe</c>, <c>unsubscribe</c>, <c>disconnect</c> and <c>refresh</c>: changes of live connections.</summary>
internal sealed class ConnectionMethods(ServerApiChannels channels, IConnectionControl control)
{
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
        return () => InChannelAsync(name, () => control.UnsubscribeAsync(whom, new(name, UnsubscribeCode.ServerUnsubscribe)));
    }

    public ServerApiCall Disconnect(ServerApiFields fields)
    {
        var (whom, spared) = (Whom(fields), fields.Texts("whitelist"));
        var code = Code(fields);
        return () => code is null
            ? new(ServerApiAnswer.BadRequest($"the code of a disconnect must be 3000 to 4999, and its reason at most {ProtocolLimits.MaxCloseReasonBytes} bytes"))
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

        var code = DisconnectCode.Custom(disconnect.Number("code"), disconnect.Text("reason"));
        fields.Adopt(disconnect);
        return code;
    }

    private async ValueTask<ServerApiAnswer> InChannelAsync(string name, Func<ValueTask> act) =>
        !channels.TryFind(name, out _, out var error) ? error : await DoneAsync(act());

    private static async ValueTask<ServerApiAnswer> DoneAsync(ValueTask acting)
    {
        await acting;
        return ServerApiAnswer.Done;
    }
}
