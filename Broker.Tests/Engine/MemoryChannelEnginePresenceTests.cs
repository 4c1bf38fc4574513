using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

internal sealed class MemoryChannelEnginePresenceTests : ChannelEnginePresenceContract
{
    private readonly ManualTimeProvider _time = new();

    private protected override IChannelEngine Create(IChannelReceiver receiver) => new MemoryChannelEngine(receiver, _time);

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}
