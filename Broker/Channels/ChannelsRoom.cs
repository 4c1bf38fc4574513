namespace ClawEvents.Broker.Channels;

/// <summary>Wires names and options of channels.</summary>
internal static class ChannelsRoom
{
    public static void Add(IServiceCollection services, ChannelNamespaces namespaces, ChannelNames names) => services
        .AddSingleton(names)
        .AddSingleton(namespaces)
        .AddSingleton<ChannelResolver>();
}
