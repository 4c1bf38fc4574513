namespace ClawEvents.Broker.Connections;

/// <summary>A transport that may report the end of its connection in another way than with the last frame.</summary>
internal interface IEndListener
{
    /// <summary>The connection is about to end, before anything is sent about it. May come again: the first call counts.</summary>
    /// <param name="code">An error of the connect, or a disconnect.</param>
    /// <param name="reason">Its text.</param>
    /// <remarks>Called on any thread; does not throw.</remarks>
    void OnEnding(int code, string reason);
}
