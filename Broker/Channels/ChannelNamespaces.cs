using System.Collections.Frozen;

namespace ClawEvents.Broker.Channels;

/// <summary>Which options a channel has. Immutable.</summary>
/// <remarks>
/// <c>NAMESPACE:REST</c> belongs to its namespace, as in Centrifugo (a <c>$</c> before it does not count); the channels of claw.events
/// belong to one named after their first dotted part (<c>public</c>, <c>system</c>, <c>agent</c>, <c>app</c>) and need not have one configured.
/// </remarks>
internal sealed class ChannelNamespaces
{
    private readonly FrozenDictionary<string, ChannelOptions>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly ChannelOptions? _withoutNamespace;

    /// <param name="byName">The configured namespaces.</param>
    /// <param name="withoutNamespace">For names without one that are no channels of claw.events; null: nobody may use such names.</param>
    public ChannelNamespaces(IReadOnlyDictionary<string, ChannelOptions> byName, ChannelOptions? withoutNamespace)
    {
        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _withoutNamespace = withoutNamespace;
    }

    /// <summary>None configured.</summary>
    public static ChannelNamespaces Default { get; } = new(new Dictionary<string, ChannelOptions>(), null);

    /// <returns>Null when the channel names a namespace that is not configured, or none at all where that is not allowed.</returns>
    /// <remarks>Hot path: no allocation.</remarks>
    public ChannelOptions? Find(ChannelName channel) => channel.Kind switch
    {
        ChannelKind.Invalid => null,
        ChannelKind.Plain => _withoutNamespace,
        ChannelKind.Namespaced => _byName.TryGetValue(channel.Namespace, out var options) ? options : null,
        _ => _byName.TryGetValue(channel.Namespace, out var options) ? options : ChannelOptions.None,
    };
}
