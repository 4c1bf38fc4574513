using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Answers the calls (<c>rpc</c>) of clients.</summary>
internal interface IRpcHandler
{
    /// <param name="connection">The connection that makes the call.</param>
    /// <param name="method">As the client spelt it; may be empty.</param>
    /// <param name="data">Over JSON, valid JSON; otherwise any bytes. Empty: none. Valid until the task is complete.</param>
    /// <returns>Undecided when the method is not this handler's.</returns>
    ValueTask<Outcome<CallResult>> AnswerAsync(ClientConnection connection, string method, ReadOnlyMemory<byte> data);
}
