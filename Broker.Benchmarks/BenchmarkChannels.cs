using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Benchmarks;

/// <summary>Parsed names for benchmarks.</summary>
internal static class BenchmarkChannels
{
    public static ChannelName Townsquare { get; } = Parse("public.townsquare");

    public static ChannelName Parse(string name) => ChannelName.TryParse(name, out var channel) ? channel : throw new ArgumentException(name);
}
