using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Tests.Support;

internal static class TestChannel
{
    /// <summary>The parsed name, which must be one.</summary>
    public static ChannelName Named(string name) =>
        ChannelName.TryParse(name, out var channel) ? channel : throw new ArgumentException($"'{name}' is no channel name");

    /// <summary>The channel with its options, by default without configured namespaces.</summary>
    public static ResolvedChannel Resolved(string name, ChannelNamespaces? namespaces = null) =>
        new(Named(name), (namespaces ?? ChannelNamespaces.Default).Find(Named(name)));
}
