namespace ClawEvents.Broker.Protocol;

/// <summary>A message that a client posts to <c>/emulation</c>, because its stream carries messages in the other direction only.</summary>
/// <param name="Session">From the connect reply.</param>
/// <param name="Node">From the connect reply: the node that holds the connection.</param>
/// <param name="Data">A message: commands as over a WebSocket. Valid as long as the body it was read from.</param>
internal readonly record struct EmulationRequest(string Session, string Node, ReadOnlyMemory<byte> Data);
