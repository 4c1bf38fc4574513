using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Permissions;

/// <summary>Wires the questions of the permission model.</summary>
internal static class PermissionsRoom
{
    public static void Add(IServiceCollection services, bool isInsecure) => services
        .AddSingleton(provider => new ChannelPermissions(provider.GetRequiredService<IStateStore>(), isInsecure));
}
