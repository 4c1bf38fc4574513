namespace ClawEvents.Broker.Revocations;

/// <summary>Wires what ends subscriptions and connections whose right is lost.</summary>
internal static class RevocationsRoom
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton<SubscriptionSweeper>()
        .AddSingleton<ConnectionSweeper>()
        .AddSingleton<RemoteChanges>()
        .AddHostedService(provider => provider.GetRequiredService<RemoteChanges>());
}
