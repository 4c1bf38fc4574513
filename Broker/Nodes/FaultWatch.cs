using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Nodes;

/// <summary>Asks store and bus whether they work, when somebody reads <c>clawevents.store.up</c> and <c>clawevents.bus.up</c>.</summary>
internal sealed class FaultWatch
{
    public FaultWatch(BrokerMetrics metrics, IStateStore store, INodeBus bus)
    {
        var (isStoreUp, isBusUp) = (new Answer(async () => (await store.CheckHealthAsync()).IsOk), new Answer(async () => await bus.FindFaultAsync() is null));
        metrics.AddGauge("clawevents.store.up", "", "1 while the store saves changes, otherwise 0.", () => isStoreUp.Read() ? 1 : 0);
        metrics.AddGauge("clawevents.bus.up", "", "1 while the bus between nodes works, otherwise 0.", () => isBusUp.Read() ? 1 : 0);
    }

    // A Redis that has just fallen silent takes two seconds, for which nobody who reads metrics waits: until then the last answer counts.
    private sealed class Answer(Func<Task<bool>> ask)
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

        private Task<bool> _asking = Task.FromResult(true);
        private bool _last = true;

        public bool Read()
        {
            if (_asking.IsCompleted)
            {
                _asking = ask();
            }

            return _last = _asking.Wait(Patience) ? _asking.Result : _last;
        }
    }
}
