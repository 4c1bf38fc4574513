using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>Wires the store.</summary>
internal static class StateRoom
{
    /// <param name="services">The broker's.</param>
    /// <param name="open">Called when the store is first asked for.</param>
    public static void Add(IServiceCollection services, Func<IServiceProvider, IStateStore> open) =>
        services.AddSingleton(open).AddSingleton<ILiveKeys, LiveKeys>();
}
