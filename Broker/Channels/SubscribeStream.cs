namespace ClawEvents.Broker.Channels;

/// <summary>Whether the back end that decides on a subscribe keeps a stream open, by which it sends to that subscription alone.</summary>
internal enum SubscribeStream : byte
{
    None,
    Unidirectional,

    /// <summary>What the client publishes in the channel goes to the back end.</summary>
    Bidirectional,
}
