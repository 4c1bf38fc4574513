using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Asks a server to report changed keys on a connection.</summary>
/// <param name="prefixes">Of the keys; at least one.</param>
/// <param name="isResp2">Changes come as messages under <see cref="BusNames.Changes"/> instead of as pushes of their own, to a connection that the question names: the
/// same one, so that none is lost without the other. From then on the connection answers nothing but pings and subscriptions.</param>
internal sealed class KeyTracking(IReadOnlyList<string> prefixes, bool isResp2)
{
    private static readonly byte[] ClientId = RespWriting.Command("CLIENT", "ID");
    private static readonly byte[] Subscribe = RespWriting.Command("SUBSCRIBE", BusNames.Changes);

    /// <returns>An error when the server, or the rights of the user, do not allow it.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The connection has ended.</exception>
    public Task<RespValue> StartAsync(RespConnection connection) => isResp2 ? StartByMessagesAsync(connection) : AskAsync(connection);

    private async Task<RespValue> StartByMessagesAsync(RespConnection connection)
    {
        var id = await connection.AskAsync(ClientId);
        var answer = id.Kind is RespKind.Error ? id : await AskAsync(connection, "REDIRECT", id.ToString());
        return answer.Kind is RespKind.Error ? answer : await connection.AskForPushesAsync(Subscribe);
    }

    private Task<RespValue> AskAsync(RespConnection connection, params string[] redirection) => connection.AskAsync(
        RespWriting.Command(["CLIENT", "TRACKING", "ON", "BCAST", .. redirection, .. prefixes.SelectMany(prefix => new[] { "PREFIX", prefix })]));
}
