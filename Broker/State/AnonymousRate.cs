namespace ClawEvents.Broker.State;

/// <summary>Counts what one anonymous client publishes: it has no name that the store could count by.</summary>
/// <remarks>Not thread-safe: the commands of one connection run one after another.</remarks>
internal sealed class AnonymousRate(TimeProvider time)
{
    private FixedWindow _window;

    public RateWindow CountOne()
    {
        _window = _window.CountOne(time);
        return _window.Standing;
    }
}
