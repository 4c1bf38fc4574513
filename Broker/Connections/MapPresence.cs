using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Maps;

namespace ClawEvents.Broker.Connections;

/// <summary>The keys that a subscriber has in maps: in those of its channel's clients and users, and its own in a map that is cleared of it when it leaves.</summary>
/// <remarks>
/// Thread-safe. A key of a map of users stays until it expires: the user may have other connections. No gate is held during a call of the engine.
/// </remarks>
internal sealed class MapPresence(IMapEngine engine, ChannelResolver channels)
{
    /// <summary>Adds the keys of a client that subscribes, or has them live on.</summary>
    /// <exception cref="Faults.StoreUnavailableException">The engine's server is away.</exception>
    public async ValueTask ArriveAsync(ClientConnection connection, Subscription subscription)
    {
        var options = OptionsOf(subscription);
        if (TryFind(options.MapClientsPrefix, subscription, out var clients))
        {
            await AddAsync(clients, $"{connection.Id}", connection.Subscriptions.InfoOn(subscription));
        }

        if (!connection.Principal.IsAnonymous && TryFind(options.MapUsersPrefix, subscription, out var users))
        {
            await AddAsync(users, connection.Principal.Name, info: null);
        }
    }

    /// <summary>Removes the client from the map of its channel's clients.</summary>
    /// <inheritdoc cref="ArriveAsync"/>
    public async ValueTask LeaveAsync(ClientConnection connection, Subscription subscription)
    {
        if (TryFind(OptionsOf(subscription).MapClientsPrefix, subscription, out var clients))
        {
            await engine.RemoveAsync(clients.Name, clients.OptionsOrNone.Map, new MapRemoval($"{connection.Id}"));
        }
    }

    /// <summary>Removes the client's own key from the map that it has left, unless it is back.</summary>
    /// <inheritdoc cref="ArriveAsync"/>
    public async ValueTask TakeKeyAsync(ClientConnection connection, Subscription subscription)
    {
        if (connection.Subscriptions.Find(subscription.Channel) is null)
        {
            await engine.RemoveAsync(subscription.Channel, OptionsOf(subscription).Map, new MapRemoval($"{connection.Id}"));
        }
    }

    private async ValueTask AddAsync(ResolvedChannel map, string key, ClientInfo? info) =>
        await engine.PublishAsync(map.Name, map.OptionsOrNone.Map, new MapChange
        {
            Key = key,
            Publication = new(default, info),
            KeyMode = KeyMode.IfNew,
            RefreshesTtl = true,
        });

    // The options are looked up each time: a subscription holds none, and a reload may change them.
    private ChannelOptions OptionsOf(Subscription subscription) => channels.Resolve(subscription.Channel).OptionsOrNone;

    // A name that is too long with the prefix before it, or whose namespace is gone since a reload, has no map.
    private bool TryFind(string? prefix, Subscription subscription, out ResolvedChannel map)
    {
        map = default;
        return prefix is not null && channels.TryResolve(prefix + subscription.Channel.Value, out map) && map.OptionsOrNone.IsMap;
    }
}
