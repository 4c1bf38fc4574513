using ClawEvents.Broker.Permissions;

namespace ClawEvents.Broker.Tests.Support.Doubles;

internal static class TestPermissions
{
    /// <summary>Permissions of a broker in which nothing is locked.</summary>
    public static ChannelPermissions WithoutLocks(bool isInsecure = false) => new(new InMemoryStateStore(TimeProvider.System), isInsecure);
}
