using System.Net;

namespace ClawEvents.Broker.Limits;

/// <summary>Wires the limits that bound what a client may cost others.</summary>
internal static class LimitsRoom
{
    /// <param name="trustedProxies">Networks whose <c>X-Forwarded-For</c> is believed.</param>
    public static void Add(IServiceCollection services, AddressRules rules, IReadOnlyList<IPNetwork> trustedProxies) => services
        .AddSingleton(rules)
        .AddSingleton(new TrustedProxies(trustedProxies))
        .AddSingleton<AddressLimits>()
        .AddSingleton<SlowLane>();
}
