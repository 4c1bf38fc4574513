using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Transport;

/// <summary>Judges a connection by its first bytes, on the reactor's thread, before Kestrel hears of it.</summary>
internal interface IFirstBytes
{
    /// <summary>Sets the handler of a socket that was accepted.</summary>
    /// <param name="socket">Its handler passes it to <paramref name="others"/> if the request is not for the WebSocket path.</param>
    /// <param name="remote">The far end; null for a socket without addresses.</param>
    void OnAccepted(ReactorSocket socket, IPEndPoint? remote, ReactorListener others);
}

/// <summary>A listener of Kestrel on all reactors.</summary>
internal sealed class ReactorListener : IConnectionListener, IAcceptor
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true });
    private readonly ReactorPool _pool;
    private readonly IFirstBytes? _firstBytes;
    private readonly AcceptingSocket[] _sockets;
    private int _isUnbound;

    /// <param name="pool">Its reactors.</param>
    /// <param name="endPoint">Where it listens.</param>
    /// <param name="firstBytes">Null: every connection is Kestrel's.</param>
    /// <exception cref="AddressInUseException">Another process listens there.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not of this machine, or may not be used.</exception>
    public ReactorListener(ReactorPool pool, EndPoint endPoint, IFirstBytes? firstBytes)
    {
        (_pool, _firstBytes) = (pool, firstBytes);
        var reactors = pool.Start();
        _sockets = [.. ListeningSocket.Bind(endPoint, reactors.Length, out var bound).Select(socket => new AcceptingSocket(socket, pool.Settings.Gate, this))];
        EndPoint = bound;
        foreach (var (reactor, socket) in reactors.Zip(_sockets))
        {
            reactor.Post(() => reactor.Listen(socket));
        }
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void OnAccepted(ReactorSocket socket, IPEndPoint? remote)
    {
        if (_firstBytes is null)
        {
            PassOn(socket, remote, []);
        }
        else
        {
            _firstBytes.OnAccepted(socket, remote, this);
        }
    }

    /// <summary>Hands a connection to Kestrel. On the reactor's thread.</summary>
    /// <param name="received">What was read of it so far.</param>
    public void PassOn(ReactorSocket socket, IPEndPoint? remote, ReadOnlySpan<byte> received)
    {
        var pipe = new ReactorPipe(socket, EndPoint, remote, _pool.Settings.MaxPipeBytes);
        if (!received.IsEmpty)
        {
            pipe.Feed(received);
        }

        if (!_accepted.Writer.TryWrite(pipe))
        {
            // It was accepted while the listener was closing.
            pipe.Abort();
            _ = pipe.DisposeAsync().AsTask();
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isUnbound, 1) == 1)
        {
            return;
        }

        await Task.WhenAll([.. _pool.Start().Zip(_sockets, CloseAsync)]);
        _accepted.Writer.TryComplete();
        if (EndPoint is System.Net.Sockets.UnixDomainSocketEndPoint && File.Exists(EndPoint.ToString()))
        {
            File.Delete(EndPoint.ToString()!);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_accepted.Reader.TryRead(out var connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    private static Task CloseAsync(Reactor reactor, AcceptingSocket socket)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reactor.Post(() =>
        {
            socket.Close(reactor);
            closed.TrySetResult();
        });
        return closed.Task;
    }
}
