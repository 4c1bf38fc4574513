using System.Net;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>One of the broker's transports, without a broker.</summary>
internal sealed class TestListeners : IAsyncDisposable
{
    public const int Reactors = 2;

    // Less than what tests send, so that the pipe is full.
    private const int MaxPipeBytes = 256 * 1024;

    private readonly List<IConnectionListener> _listeners = [];
    private readonly List<Exception> _deaths = [];
    private readonly IConnectionListenerFactory _factory;

    public TestListeners(TestTransport transport, int maxSockets = 100_000)
    {
        Gate = new SocketGate(new SocketLimits(maxSockets), TimeProvider.System, new LimitHits(), NullLogger<SocketGate>.Instance);
        Pool = new ReactorPool(new ReactorSettings(
            Reactors, MaxPipeBytes, Gate, TimeProvider.System, NullLogger<Reactor>.Instance, (_, exception) => _deaths.Add(exception)));
        var sockets = new GatedListenerFactory(
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { MaxReadBufferSize = MaxPipeBytes }), NullLoggerFactory.Instance), Gate);
        _factory = transport is TestTransport.Sockets ? sockets : new ReactorListenerFactory(Pool, new NoFirstBytes(), new JudgedEndPoints(), sockets);
    }

    public SocketGate Gate { get; }

    public ReactorPool Pool { get; }

    public async Task<IConnectionListener> BindAsync(EndPoint endPoint)
    {
        var listener = await _factory.BindAsync(endPoint);
        _listeners.Add(listener);
        return listener;
    }

    public Task<IConnectionListener> BindAsync() => BindAsync(new IPEndPoint(IPAddress.Loopback, 0));

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync().AsTask().WaitAsync(RunningBroker.Patience);
        }

        Pool.Dispose();
        Assert.That(Pool.Faults, Is.Zero);
        Assert.That(_deaths, Is.Empty);
    }

    private sealed class NoFirstBytes : IFirstBytes
    {
        public void OnAccepted(ReactorSocket socket, IPEndPoint? remote, ReactorListener others) => throw new NotSupportedException("no end point of these is judged");
    }
}
