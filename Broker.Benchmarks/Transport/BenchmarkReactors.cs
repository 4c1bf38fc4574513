using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Benchmarks.Transport;

/// <summary>Reactors that run, without sockets.</summary>
internal static class BenchmarkReactors
{
    public static ReactorPool Create(int count)
    {
        var gate = new SocketGate(new SocketLimits(100), TimeProvider.System, new LimitHits(), NullLogger<SocketGate>.Instance);
        return new(new ReactorSettings(count, 64 * 1024, gate, TimeProvider.System, NullLogger<Reactor>.Instance, DeadReactor.EndProcess));
    }
}
