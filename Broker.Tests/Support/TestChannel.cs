using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Tests.Support;

internal static class TestChannel
{
    /// <summary>The parsed name, which must be one.</summary>
    public static ChannelName Named(string name) =>
        ChannelName.TryParse(name, out var channel) ? channel : throw new ArgumentException($"'{name}' is no channel name");
}
