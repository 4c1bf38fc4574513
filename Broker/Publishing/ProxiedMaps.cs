using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Publishing;

/// <summary>Changes of maps whose back end decides on them, and may change what is published, and under which key. docs/reference/proxies.md</summary>
internal sealed class ProxiedMaps(BackEnds backEnds, MapPublisher publisher, ProxyOptions proxies)
{
    /// <summary>Whether a back end decides on what clients publish to the map.</summary>
    public static bool DecidesOnPublish(ResolvedChannel channel) => channel.OptionsOrNone.Map.PublishProxy is not null;

    /// <summary>Whether a back end decides on what clients remove from the map.</summary>
    public static bool DecidesOnRemove(ResolvedChannel channel) => channel.OptionsOrNone.Map.RemoveProxy is not null;

    /// <param name="channel">A map of whose publications a back end decides.</param>
    /// <param name="caller">The client, as back ends know it.</param>
    /// <param name="key">The client's; may be empty, and then the back end has to name one.</param>
    /// <param name="publication">The client's; its data is read until the task completes.</param>
    public async ValueTask<MapOutcomeForClient> PublishAsync(ProxyCaller caller, Principal sender, ResolvedChannel channel, string key, Publication publication)
    {
        var map = channel.OptionsOrNone.Map;
        var happened = new ProxyEvent(ProxyEventKind.MapPublish) { Channel = channel.Name.Value, Key = key, Data = publication.Data };
        var outcome = await backEnds.MapPublishAsync(proxies.Find(map.PublishProxy)!, caller, happened, default);
        if (outcome.Value is not { } answer)
        {
            return new() { Error = outcome.Error, Disconnect = outcome.Disconnect };
        }

        var change = ChangeOf(answer, channel.OptionsOrNone, key, publication);
        if ((MapRules.RefuseKey(change.Key) ?? MapRules.RefuseVersion(map, change.Version)) is { } fault)
        {
            return new() { Error = fault };
        }

        return MapOutcomeForClient.Of(await publisher.PublishAsync(channel, change, sender));
    }

    /// <inheritdoc cref="PublishAsync"/>
    public async ValueTask<MapOutcomeForClient> RemoveAsync(ProxyCaller caller, Principal sender, ResolvedChannel channel, string key)
    {
        var happened = new ProxyEvent(ProxyEventKind.MapRemove) { Channel = channel.Name.Value, Key = key };
        var outcome = await backEnds.MapRemoveAsync(proxies.Find(channel.OptionsOrNone.Map.RemoveProxy)!, caller, happened, default);
        if (outcome.Value is not { } answer)
        {
            return new() { Error = outcome.Error, Disconnect = outcome.Disconnect };
        }

        var removal = new MapRemoval(answer.Key.Length > 0 ? answer.Key : key, answer.Tags, answer.IdempotencyKey);
        if (MapRules.RefuseKey(removal.Key) is { } fault)
        {
            return new() { Error = fault };
        }

        return MapOutcomeForClient.Of(await publisher.RemoveAsync(channel, removal, sender));
    }

    private static MapChange ChangeOf(MapPublishAnswer answer, ChannelOptions options, string key, in Publication sent) => new()
    {
        Key = answer.Key.Length > 0 ? answer.Key : key,
        Publication = answer.Publish.ApplyTo(sent),
        StreamData = answer.StreamData,
        Score = answer.Score,
        KeyMode = answer.KeyMode,
        WantsDelta = options.AllowFossilDelta && (options.DeltaPublish || answer.Publish.Options.Delta),
        IdempotencyKey = answer.Publish.Options.IdempotencyKey,
        Version = answer.Publish.Options.Version,
        VersionEpoch = answer.Publish.Options.VersionEpoch,
    };
}

/// <summary>How a client's change of a map ended: without an error and a disconnect, it is done, or was not needed.</summary>
internal readonly record struct MapOutcomeForClient
{
    private static readonly ErrorCode Full = ErrorCode.LimitExceeded.Because("limit exceeded: the maps of this node hold as much as they may; remove keys, or use Redis");

    public ErrorCode? Error { get; init; }

    /// <summary>The connection ends with it, and the client gets no answer.</summary>
    public DisconnectCode? Disconnect { get; init; }

    /// <summary>Suppressed changes are no errors, as in Centrifugo.</summary>
    public static MapOutcomeForClient Of(MapResult result) => new() { Error = ErrorOf(result) };

    /// <summary>The error of a change; null: none.</summary>
    public static ErrorCode? ErrorOf(MapResult result) => result.Outcome is MapOutcome.Full ? Full : null;
}
