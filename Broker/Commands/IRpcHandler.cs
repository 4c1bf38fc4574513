using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The answer to a call: one of the three.</summary>
internal readonly record struct RpcAnswer
{
    /// <summary>JSON, or any bytes for Protobuf clients; empty: none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    public ErrorCode? Error { get; init; }

    public DisconnectCode? Disconnect { get; init; }
}

/// <summary>Somebody who answers the calls (<c>rpc</c>) of clients.</summary>
internal interface IRpcHandler
{
    /// <param name="connection">Whose call it is.</param>
    /// <param name="method">As the client spelt it; may be empty.</param>
    /// <param name="data">Over JSON, valid JSON; otherwise any bytes. Empty: none. Valid until the task is complete.</param>
    /// <returns>Null when the method is not this handler's.</returns>
    ValueTask<RpcAnswer?> TryAnswerAsync(ClientConnection connection, string method, ReadOnlyMemory<byte> data);
}
