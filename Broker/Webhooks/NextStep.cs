namespace ClawEvents.Broker.Webhooks;

/// <summary>When a worker goes on.</summary>
/// <param name="Wait"><see cref="Timeout.InfiniteTimeSpan"/>: when it is woken.</param>
/// <param name="IsLast">It does not go on.</param>
internal readonly record struct NextStep(TimeSpan Wait, bool IsLast = false)
{
    public static NextStep Now { get; } = new(TimeSpan.Zero);

    public static NextStep WhenWoken { get; } = new(Timeout.InfiniteTimeSpan);

    public static NextStep None { get; } = new(TimeSpan.Zero, IsLast: true);

    public static NextStep After(TimeSpan wait) => new(wait);
}
