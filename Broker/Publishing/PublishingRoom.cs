namespace ClawEvents.Broker.Publishing;

/// <summary>Wires the rules of publishing.</summary>
internal static class PublishingRoom
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton<AdvertisedSchemas>()
        .AddSingleton<ActivityRecorder>()
        .AddSingleton<ChannelPublisher>()
        .AddSingleton<ProxiedPublishing>()
        .AddSingleton<MapPublisher>()
        .AddSingleton<ProxiedMaps>()
        .AddHostedService(provider => provider.GetRequiredService<ActivityRecorder>());
}
