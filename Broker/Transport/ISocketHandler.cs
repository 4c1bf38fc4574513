namespace ClawEvents.Broker.Transport;

/// <summary>What happens on a socket of a reactor. All members are called on the reactor's thread; an exception ends the connection.</summary>
internal interface ISocketHandler
{
    /// <param name="bytes">At least one. Valid until the call returns, unless <see cref="ReceiveBuffer.Keep"/> is called; may be changed.</param>
    void OnReceived(ReactorSocket socket, Memory<byte> bytes);

    /// <summary>The system takes more bytes, or the connection is lost and a send says so.</summary>
    void OnWritable(ReactorSocket socket);

    /// <summary>The far end sends no more, or the connection is lost. Called at most once; the handler closes the socket.</summary>
    void OnEnd(ReactorSocket socket);
}
