using System.Net;

namespace ClawEvents.Broker.Transport;

/// <summary>What becomes of a connection that was accepted.</summary>
internal interface IAcceptor
{
    /// <summary>Sets the socket's handler. On the reactor's thread.</summary>
    /// <param name="remote">The far end; null for a socket without addresses.</param>
    void OnAccepted(ReactorSocket socket, IPEndPoint? remote);
}

/// <summary>A listening socket as one reactor sees it. Only that reactor's thread uses it.</summary>
/// <param name="listening">Its own, or shared with the other reactors.</param>
/// <param name="gate">Connections beyond its limit are accepted and closed.</param>
/// <param name="acceptor">Gets the others.</param>
internal sealed unsafe class AcceptingSocket(ListeningSocket listening, SocketGate gate, IAcceptor acceptor)
{
    // Others have their turn after that many.
    private const int MostPerPass = 64;

    // struct sockaddr_in6, and more than sockaddr_in. A name of a Unix socket says nothing about its far end.
    private const int AddressBytes = 28;

    private bool _isClosed;

    public int Descriptor => listening.Descriptor;

    /// <summary>What the reactor watches it for. Edge-triggered: a process without free descriptors would be told again and again.</summary>
    public Readiness Readiness => Readiness.Readable | Readiness.EdgeTriggered | (listening.IsShared ? Readiness.Exclusive : Readiness.None);

    /// <summary>More connections wait.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The process has no free descriptor: it is tried again after a moment.</summary>
    public bool IsStarved { get; private set; }

    public void Accept(Reactor reactor)
    {
        (HasMore, IsStarved) = (!_isClosed, false);
        for (var i = 0; i < MostPerPass && HasMore; i++)
        {
            AcceptOne(reactor);
        }
    }

    /// <summary>Accepts what has come so far, and closes the listening socket: its end would reset what waits in it.</summary>
    public void Close(Reactor reactor)
    {
        do
        {
            Accept(reactor);
        }
        while (HasMore);
        _isClosed = true;
        IsStarved = false;
        listening.Release();
    }

    private void AcceptOne(Reactor reactor)
    {
        var address = stackalloc byte[AddressBytes];
        var length = AddressBytes;
        var descriptor = Native.Accept(listening.Descriptor, address, &length, Native.NonBlocking | Native.CloseOnExec);
        if (descriptor < 0)
        {
            OnError(Native.LastError);
        }
        else if (!gate.TryEnter())
        {
            Native.Close(descriptor);
        }
        else
        {
            Begin(new ReactorSocket(reactor, descriptor), SocketAddresses.Read(new(address, Math.Min(length, AddressBytes))));
        }
    }

    private void Begin(ReactorSocket socket, IPEndPoint? remote)
    {
        try
        {
            socket.Reactor.Add(socket);
            acceptor.OnAccepted(socket, remote);
        }
        catch
        {
            socket.Close();
            throw;
        }
    }

    // Other errors are those of the connection that was to be accepted (accept(2)): the next one may be well.
    private void OnError(Errno error)
    {
        if (error is Errno.WouldBlock)
        {
            HasMore = false;
        }
        else if (error is Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem or Errno.NoBuffers or Errno.NoMemory)
        {
            (HasMore, IsStarved) = (false, true);
            gate.LogStarved(error.Describe());
        }
    }
}
