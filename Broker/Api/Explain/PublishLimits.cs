using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api.Explain;

/// <summary>Reads where a sender stands in the limits of publishing.</summary>
internal sealed class PublishLimits(IStateStore store, PublishingOptions options)
{
    /// <returns>Null where no limit holds.</returns>
    public async ValueTask<PublishStanding?> FindAsync(ResolvedChannel channel, Principal sender) =>
        !ChannelPublisher.HasLimits(channel) || channel.Name.Kind is ChannelKind.System || ProxiedPublishing.IsFor(channel) ? null : new(
            options.MaxPayloadBytes,
            options.PublishesPerSecond,
            sender.IsAnonymous || options.PublishesPerSecond == 0 ? null : await store.GetPublishWindowAsync(sender.Name),
            channel.Name.IsLockable && await store.GetAdvertisementAsync(channel.Name) is { Schema: not null });
}

/// <summary>The limits of a publish, and how far its sender has used them.</summary>
/// <param name="PerSecond">0: no limit.</param>
/// <param name="Window">The sender's, of this second; null: nothing is counted by its name.</param>
/// <param name="HasSchema">Whether payloads have to match the schema that the channel advertises.</param>
internal sealed record PublishStanding(int MaxPayloadBytes, int PerSecond, RateWindow? Window, bool HasSchema)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("limits");
        json.WriteNumber("payloadBytes", MaxPayloadBytes);
        json.WriteNumber("publishesPerSecond", PerSecond);
        if (Window is { } window)
        {
            json.WriteNumber("publishesInThisSecond", window.Count);
        }

        json.WriteBoolean("schema", HasSchema);
        json.WriteEndObject();
    }
}
