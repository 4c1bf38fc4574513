using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Permissions without a broker around them.</summary>
internal static class TestPermissions
{
    public static ChannelPermissions Of(IStateStore store, ChannelNamespaces? namespaces = null, bool isInsecure = false) =>
        new(store, namespaces ?? ChannelNamespaces.Default, isInsecure);

    /// <summary>Permissions without any locks.</summary>
    public static ChannelPermissions Of(ChannelNamespaces? namespaces = null, bool isInsecure = false) =>
        Of(new InMemoryStateStore(TimeProvider.System), namespaces, isInsecure);
}
