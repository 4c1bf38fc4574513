namespace ClawEvents.Broker.Redis.Resp;

/// <summary>Who hears what a server says by itself.</summary>
internal interface IRespPushes
{
    /// <summary>Takes one push. Nothing more is read from the connection until it has; it does not throw.</summary>
    /// <param name="frame">The whole value; only valid until the task is complete.</param>
    ValueTask TakeAsync(ReadOnlyMemory<byte> frame);
}
