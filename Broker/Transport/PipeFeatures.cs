using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Transport;

/// <summary>The features of a connection that Kestrel asks for: all of them lead to the connection itself.</summary>
internal sealed class PipeFeatures
    : IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IMemoryPoolFeature
{
    private const int FeatureCount = 6;

    private readonly ConnectionContext _connection;

    public PipeFeatures(ConnectionContext connection)
    {
        _connection = connection;
        Collection = new FeatureCollection(FeatureCount);
        Collection.Set<IConnectionIdFeature>(this);
        Collection.Set<IConnectionTransportFeature>(this);
        Collection.Set<IConnectionItemsFeature>(this);
        Collection.Set<IConnectionLifetimeFeature>(this);
        Collection.Set<IConnectionEndPointFeature>(this);
        Collection.Set<IMemoryPoolFeature>(this);
    }

    public FeatureCollection Collection { get; }

    public MemoryPool<byte> MemoryPool => PipeMemory.Instance;

    public string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public IDuplexPipe Transport
    {
        get => _connection.Transport;
        set => _connection.Transport = value;
    }

    public IDictionary<object, object?> Items
    {
        get => _connection.Items;
        set => _connection.Items = value;
    }

    public CancellationToken ConnectionClosed
    {
        get => _connection.ConnectionClosed;
        set => _connection.ConnectionClosed = value;
    }

    public EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => _connection.LocalEndPoint = value;
    }

    public EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => _connection.RemoteEndPoint = value;
    }

    public void Abort() => _connection.Abort(new ConnectionAbortedException("aborted by the application"));
}

/// <summary>Ids of connections for Kestrel's log. Thread-safe.</summary>
internal static class ConnectionIds
{
    private static long _last;

    public static string Next() => Interlocked.Increment(ref _last).ToString("x8", CultureInfo.InvariantCulture);
}
