namespace ClawEvents.Broker.Channels;

/// <summary>The data and sender of a publication, the same on its way into a channel, in the history, and on its way out. Immutable.</summary>
/// <param name="Data">The payload as subscribers get it: JSON without line breaks between its tokens, or any bytes for Protobuf clients.
/// Its memory is valid as long as whatever holds the publication says.</param>
/// <param name="Publisher">The client that published it; null when it came through the server API or from the broker itself.</param>
/// <param name="Tags">Null without tags.</param>
/// <remarks>A struct: histories hold many publications, and an object of its own would cost each of them 24 bytes more.</remarks>
internal readonly record struct Publication(ReadOnlyMemory<byte> Data, ClientInfo? Publisher = null, IReadOnlyDictionary<string, string>? Tags = null);
