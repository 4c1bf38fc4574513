namespace ClawEvents.Broker.Clock;

/// <summary>Wires time and the one timer of all that waits.</summary>
internal static class ClockRoom
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton<TimerWheel>();
}
