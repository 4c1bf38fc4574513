using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ClawEvents.Broker.Transport;

/// <summary>Kestrel's sockets behind a <see cref="SocketGate"/>: connections beyond its limit are accepted and closed, which costs their clients a moment.</summary>
internal sealed class GatedListenerFactory(SocketTransportFactory sockets, SocketGate gate) : IConnectionListenerFactory
{
    /// <inheritdoc/>
    /// <exception cref="CannotListenException">The system does not allow it.</exception>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await CannotListenException.ExplainAsync(endpoint, () => sockets.BindAsync(endpoint, cancellationToken)), gate);

    private sealed class Listener(IConnectionListener inner, SocketGate gate) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var connection = await inner.AcceptAsync(cancellationToken);
                if (connection is null || gate.TryEnter())
                {
                    return connection is null ? null : new Connection(connection, gate);
                }

                connection.Abort(new ConnectionAbortedException("too many sockets"));
                await connection.DisposeAsync();
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    /// <summary>A connection that gives its place back when its socket is closed, not before: until then it has its descriptor.</summary>
    private sealed class Connection(ConnectionContext inner, SocketGate gate) : ConnectionContext
    {
        public override string ConnectionId
        {
            get => inner.ConnectionId;
            set => inner.ConnectionId = value;
        }

        public override IFeatureCollection Features => inner.Features;

        public override IDictionary<object, object?> Items
        {
            get => inner.Items;
            set => inner.Items = value;
        }

        public override IDuplexPipe Transport
        {
            get => inner.Transport;
            set => inner.Transport = value;
        }

        public override CancellationToken ConnectionClosed
        {
            get => inner.ConnectionClosed;
            set => inner.ConnectionClosed = value;
        }

        public override EndPoint? LocalEndPoint
        {
            get => inner.LocalEndPoint;
            set => inner.LocalEndPoint = value;
        }

        public override EndPoint? RemoteEndPoint
        {
            get => inner.RemoteEndPoint;
            set => inner.RemoteEndPoint = value;
        }

        public override void Abort() => inner.Abort();

        public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            try
            {
                await inner.DisposeAsync();
            }
            finally
            {
                gate.Leave();
            }

            await base.DisposeAsync();
        }
    }
}
