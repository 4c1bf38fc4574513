using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Maps in which every client may do everything.</summary>
internal static class TestMaps
{
    private static readonly ClientPermission All = new(ForClient: true, ForSubscriber: true, ForAnonymous: true);

    /// <summary>Keeps keys for good, and ten changes.</summary>
    public static MapOptions Persistent { get; } = new()
    {
        Mode = MapMode.Persistent,
        StreamSize = 10,
        StreamTtl = TimeSpan.FromHours(1),
        MinPageSize = 1,
        Publish = All,
        Remove = All,
    };

    /// <summary>Keeps keys for a minute, and no changes.</summary>
    public static MapOptions Ephemeral { get; } = Persistent with
    {
        Mode = MapMode.Ephemeral,
        KeyTtl = TimeSpan.FromMinutes(1),
        StreamSize = 0,
        StreamTtl = TimeSpan.Zero,
        MetaTtl = TimeSpan.FromMinutes(10),
    };

    /// <summary>A namespace of maps.</summary>
    public static ChannelOptions Open(MapOptions map) => TestNamespaces.Open with { SubscriptionType = SubscriptionType.Map, Map = map };
}
