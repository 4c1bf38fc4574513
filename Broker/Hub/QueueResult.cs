namespace ClawEvents.Broker.Hub;

/// <summary>The result of sending the frame for a change of a subscription.</summary>
internal enum QueueResult : byte
{
    /// <summary>The subscription was not in the state expected; nothing was sent.</summary>
    Refused,

    Queued,

    /// <summary>The change was made, but the queue is full: the connection has to end.</summary>
    Full,

    /// <summary>The frame was sent, but a publication that had to follow it is missing: the client has to recover.</summary>
    Lost,
}
