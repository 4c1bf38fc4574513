namespace ClawEvents.Broker.Channels;

/// <summary>A publication as a channel's history keeps it. Immutable.</summary>
/// <param name="Offset">Its place: 1 for the first of an epoch.</param>
/// <param name="Data">The payload as subscribers get it: JSON without line breaks between its tokens, or any bytes for Protobuf clients.</param>
/// <param name="Publisher">Null for what came through the server API or from the broker itself.</param>
/// <param name="Tags">Null without tags.</param>
internal sealed record StoredPublication(ulong Offset, ReadOnlyMemory<byte> Data, ClientInfo? Publisher = null, IReadOnlyDictionary<string, string>? Tags = null);
