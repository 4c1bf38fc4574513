namespace ClawEvents.Broker.Limits;

/// <summary>A bounded number of places.</summary>
/// <remarks>Thread-safe, without a gate.</remarks>
internal sealed class Places(int most)
{
    private int _taken;
    private int _most = most;

    /// <summary>The number of places. When it is lowered, those that are taken stay so.</summary>
    public int Most
    {
        get => Volatile.Read(ref _most);
        set => Volatile.Write(ref _most, value);
    }

    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Takes a place; the caller gives it back with <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= Most)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _taken);
}
