using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A feed with changes and continuity that the test sets.</summary>
internal sealed class ManualChangeFeed : IChangeFeed
{
    private long _continuity = 1;

    public event Action<string>? Changed;

    /// <summary>1 at first: everything is heard.</summary>
    public long Continuity
    {
        get => Volatile.Read(ref _continuity);
        set => Volatile.Write(ref _continuity, value);
    }

    public void Raise(string key) => Changed?.Invoke(key);
}
