using System.Text;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Lets the first handler that knows the method answer a call. docs/reference/protocol.md#rpc</summary>
internal sealed class RpcDispatcher(IEnumerable<IRpcHandler> handlers)
{
    private readonly IRpcHandler[] _handlers = [.. handlers];

    public async ValueTask HandleAsync(ClientConnection connection, uint id, RpcCommand command)
    {
        var method = Encoding.UTF8.GetString(command.Method.Span);
        foreach (var handler in _handlers)
        {
            if (await handler.AnswerAsync(connection, method, command.Data ?? default) is { IsUndecided: false } outcome)
            {
                Answer(connection, id, outcome);
                return;
            }
        }

        connection.SendError(id, _handlers.Length == 0 ? ErrorCode.NotAvailable : ErrorCode.MethodNotFound);
    }

    private static void Answer(ClientConnection connection, uint id, in Outcome<CallResult> outcome)
    {
        if (outcome.Disconnect is { } code)
        {
            connection.Disconnect(code);
        }
        else if (outcome.Error is { } error)
        {
            connection.SendError(id, error);
        }
        else
        {
            var reply = FrameWriter.Begin();
            connection.Send(reply, connection.Codec.TryWriteRpcResult(reply, id, outcome.Value!.Data.Span));
        }
    }
}
