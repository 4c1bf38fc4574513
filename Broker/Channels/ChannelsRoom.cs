namespace ClawEvents.Broker.Channels;

/// <summary>Wires names and options of channels.</summary>
internal static class ChannelsRoom
{
    public static void Add(IServiceCollection services, ChannelNamespaces namespaces, int maxNameBytes) => services
        .AddSingleton(new ChannelNames(maxNameBytes))
        .AddSingleton(namespaces)
        .AddSingleton<ChannelResolver>();
}
