namespace ClawEvents.Broker.Channels;

/// <summary>A client that published, joined, left or is present.</summary>
/// <param name="User">Empty for anonymous connections.</param>
/// <param name="Client">The connection's id.</param>
/// <param name="ConnectionInfo">Given by a token or proxy for the connection: JSON or (for Protobuf clients only) any bytes; empty: nothing.</param>
/// <param name="ChannelInfo">The same, said of the subscription.</param>
internal sealed record ClientInfo(string User, Guid Client, ReadOnlyMemory<byte> ConnectionInfo = default, ReadOnlyMemory<byte> ChannelInfo = default);
