using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Namespaces in which every client may do everything, with options to test.</summary>
internal static class TestNamespaces
{
    private static readonly ClientPermission All = new(ForClient: true, ForSubscriber: true, ForAnonymous: true);

    /// <summary>Allows everything, without history.</summary>
    public static ChannelOptions Open { get; } = new() { Subscribe = All, Publish = All, ReadHistory = All, ReadPresence = All };

    /// <summary>Keeps five publications for a minute.</summary>
    public static ChannelOptions History { get; } = Open with { HistorySize = 5, HistoryTtl = TimeSpan.FromMinutes(1) };

    public static ChannelNamespaces Of(params (string Name, ChannelOptions Options)[] namespaces) =>
        new(namespaces.ToDictionary(entry => entry.Name, entry => entry.Options), withoutNamespace: null);

    /// <summary>Settings with nothing but these.</summary>
    public static BrokerOptions Only(params (string Name, ChannelOptions Options)[] namespaces) => new() { Namespaces = Of(namespaces) };
}
