namespace ClawEvents.Broker.Protocol;

/// <summary>What a client posts to <c>/emulation</c>, having no other way back over a stream that only goes to it.</summary>
/// <param name="Session">Of the connect reply.</param>
/// <param name="Node">Of the connect reply: which node holds the connection.</param>
/// <param name="Data">A message: commands as over a WebSocket. Lives as long as what it was read from.</param>
internal readonly record struct EmulationRequest(string Session, string Node, ReadOnlyMemory<byte> Data);
