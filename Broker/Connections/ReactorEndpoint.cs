using System.Net;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Connections;

/// <summary>WebSockets on reactors: the first bytes of a connection are judged there, and an upgrade of ours never reaches HTTP.</summary>
/// <remarks>Called on the reactors' threads.</remarks>
internal sealed class ReactorEndpoint(ConnectionServices services, IMessageHandler handler, UpgradeConversation conversation, ConnectionLimits limits) : IFirstBytes
{
    public ConnectionServices Services { get; } = services;

    public IMessageHandler Handler { get; } = handler;

    public UpgradeConversation Conversation { get; } = conversation;

    /// <inheritdoc/>
    public void OnAccepted(ReactorSocket socket, IPEndPoint? remote, ReactorListener others) => IncomingSocket.Start(this, socket, remote, others);

    /// <summary>Makes a connection of a socket whose request was accepted.</summary>
    /// <param name="response">The answer to the request, which is sent first.</param>
    /// <param name="rest">What came behind the request; copied.</param>
    public void Upgrade(ReactorSocket socket, in UpgradeAnswer answer, ReadOnlySpan<byte> response, ReadOnlySpan<byte> rest)
    {
        var outbound = new SocketOutbound(socket, Services.Options.MaxQueuedBytes);
        var receiver = new SocketReceiver(this, answer.Open(Services, outbound, outbound), socket);
        socket.Handler = receiver;
        outbound.Cork();
        outbound.TryEnqueue(response);
        if (!rest.IsEmpty)
        {
            receiver.OnReceived(socket, rest.ToArray());
        }

        outbound.Uncork();
    }

    /// <summary>A connection has ended.</summary>
    public void OnClosed(ClientConnection connection) => limits.Leave(connection.Address);
}
