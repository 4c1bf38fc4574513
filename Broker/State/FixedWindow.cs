namespace ClawEvents.Broker.State;

/// <summary>A window of one second that starts with the first request in it.</summary>
/// <param name="Start">The time provider's timestamp of the first request.</param>
/// <param name="Count">Requests so far; 0 only before the first.</param>
internal readonly record struct FixedWindow(long Start, int Count)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    public RateWindow Standing => new(Count, RemainingSeconds: (int)Length.TotalSeconds);

    public bool IsOver(TimeProvider time) => Count == 0 || time.GetElapsedTime(Start) >= Length;

    /// <summary>The window with one more request: this one, or a new one when this one has ended.</summary>
    public FixedWindow CountOne(TimeProvider time) => IsOver(time) ? new(time.GetTimestamp(), 1) : this with { Count = Count + 1 };
}
