namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A clock that stands still until a test moves it. Its timers are the system's; this clock decides which are due.</summary>
internal sealed class RunningClock : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private long _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _elapsed);

    public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromTicks(GetTimestamp());

    public void Advance(TimeSpan time) => Interlocked.Add(ref _elapsed, time.Ticks);
}
