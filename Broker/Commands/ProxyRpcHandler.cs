using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Has calls of clients answered by back ends, and the ping among them by nobody. docs/reference/proxies.md</summary>
internal sealed class ProxyRpcHandler(BackEnds backEnds, RpcOptions options) : IRpcHandler
{
    /// <inheritdoc/>
    public async ValueTask<RpcAnswer?> TryAnswerAsync(ClientConnection connection, string method, ReadOnlyMemory<byte> data)
    {
        if (method == options.PingMethod)
        {
            return default(RpcAnswer);
        }

        if (options.Find(method) is not { } proxy)
        {
            return null;
        }

        var happened = new ProxyEvent(ProxyEventKind.Rpc) { Method = method, Data = data };
        var outcome = await backEnds.RpcAsync(proxy, connection.Caller, happened, default);
        return new RpcAnswer { Data = outcome.Result?.Data ?? default, Error = outcome.Error, Disconnect = outcome.Disconnect };
    }
}
