namespace ClawEvents.Broker.Timers;

/// <summary>Wires the system timers.</summary>
internal static class TimersRoom
{
    public static void Add(IServiceCollection services) => services.AddHostedService<SystemTimers>();
}
