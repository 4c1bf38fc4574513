using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Transport;

/// <summary>Kestrel's listeners on reactors. End points that are neither IP addresses nor Unix sockets stay with Kestrel's own sockets.</summary>
internal sealed class ReactorListenerFactory(ReactorPool pool, IFirstBytes firstBytes, JudgedEndPoints judged, GatedListenerFactory sockets) : IConnectionListenerFactory
{
    /// <inheritdoc/>
    /// <exception cref="CannotListenException">The system does not allow it.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        endpoint is IPEndPoint or UnixDomainSocketEndPoint
            ? CannotListenException.ExplainAsync(endpoint, () => new ValueTask<IConnectionListener>(Listen(endpoint)))
            : sockets.BindAsync(endpoint, cancellationToken);

    private ReactorListener Listen(EndPoint endpoint) => new(pool, endpoint, judged.Contains(endpoint) ? firstBytes : null);
}

/// <summary>The end points whose connections may be judged by their first bytes: not those behind TLS, nor the internal one. By reference, since ports may be equal.</summary>
internal sealed class JudgedEndPoints
{
    private readonly ConditionalWeakTable<EndPoint, object> _endPoints = [];

    public void Add(EndPoint endPoint) => _endPoints.TryAdd(endPoint, endPoint);

    public bool Contains(EndPoint endPoint) => _endPoints.TryGetValue(endPoint, out _);
}
