namespace ClawEvents.Broker.Hub;

/// <summary>What became of a frame that announces a change of a subscription.</summary>
internal enum QueueResult : byte
{
    /// <summary>The subscription was not in the state expected; nothing was sent.</summary>
    Refused,

    Queued,

    /// <summary>The change was made, but the queue is full: the connection has to be cut.</summary>
    Full,

    /// <summary>The frame was sent, but something of what had to follow it is missing: the client has to recover.</summary>
    Lost,
}
