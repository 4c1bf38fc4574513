namespace ClawEvents.Broker.Redis.Resp;

/// <summary>Receives the pushes of a server.</summary>
internal interface IRespPushes
{
    /// <summary>Handles one push. Nothing more is read from the connection until the task is complete; it does not throw.</summary>
    /// <param name="frame">The whole value; only valid until the task is complete.</param>
    ValueTask OnPushAsync(ReadOnlyMemory<byte> frame);
}
