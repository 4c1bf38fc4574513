using System.Runtime.CompilerServices;
using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Schemas;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Publishing;

/// <summary>Holds payloads against the JSON Schema that the channel's owner has advertised. docs/reference/schemas.md</summary>
/// <remarks>
/// Thread-safe. A schema is compiled at the first publish after it was advertised, and forgotten with its advertisement. A channel without one
/// costs a look-up, and allocates nothing.
/// </remarks>
internal sealed class AdvertisedSchemas(IStateStore store)
{
    private readonly ConditionalWeakTable<Advertisement, ChannelSchema> _compiled = new();

    /// <param name="channel">One that has an owner.</param>
    /// <param name="payload">Valid UTF-8 JSON; <c>null</c> is held against nothing, as in claw.events.</param>
    /// <returns>Null or empty when there is nothing against it.</returns>
    public async ValueTask<IReadOnlyList<SchemaError>?> FindMismatchesAsync(ChannelName channel, ReadOnlyMemory<byte> payload) =>
        await store.GetAdvertisementAsync(channel) is { Schema: not null } advertisement && !payload.Span.SequenceEqual("null"u8)
            ? _compiled.GetValue(advertisement, static advertised => ChannelSchema.Compile(Encoding.UTF8.GetBytes(advertised.Schema!))).Validate(payload)
            : null;
}
