using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Passes calls of clients on to back ends; the ping method is answered without one. docs/reference/proxies.md</summary>
internal sealed class ProxyRpcHandler(BackEnds backEnds, RpcOptions options) : IRpcHandler
{
    /// <inheritdoc/>
    public async ValueTask<Outcome<CallResult>> AnswerAsync(ClientConnection connection, string method, ReadOnlyMemory<byte> data)
    {
        if (method == options.PingMethod)
        {
            return Outcome<CallResult>.Of(new(default));
        }

        if (options.Find(method) is not { } proxy)
        {
            return Outcome<CallResult>.Undecided;
        }

        var happened = new ProxyEvent(ProxyEventKind.Rpc) { Method = method, Data = data };
        return await backEnds.RpcAsync(proxy, connection.Caller, happened, default);
    }
}
