namespace ClawEvents.Broker.Limits;

/// <summary>Wires the limits that bound what a client may cost others.</summary>
internal static class LimitsRoom
{
    public static void Add(IServiceCollection services, AddressRules rules, TrustedProxies proxies) => services
        .AddSingleton(rules)
        .AddSingleton(proxies)
        .AddSingleton<LimitHits>()
        .AddSingleton<AddressLimits>()
        .AddSingleton<SlowLane>();
}
