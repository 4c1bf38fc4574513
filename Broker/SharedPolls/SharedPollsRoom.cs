using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>Wires shared polls.</summary>
internal static class SharedPollsRoom
{
    public static void Add(IServiceCollection services, SharedPollSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<SharedPollChannels>()
        .AddSingleton<TrackSignatures>()
        .AddSingleton<IChannelReceiver, PolledReceiver>();
}
