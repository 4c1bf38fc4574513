using System.Collections.Frozen;

namespace ClawEvents.Broker.Channels;

/// <summary>Which options a channel has. Thread-safe.</summary>
/// <remarks>
/// <c>NAMESPACE:REST</c> belongs to its namespace, as in Centrifugo (a <c>$</c> before it does not count); the channels of claw.events
/// belong to one named after their first dotted part (<c>public</c>, <c>system</c>, <c>agent</c>, <c>app</c>) and need not have one configured.
/// </remarks>
internal sealed class ChannelNamespaces
{
    // Replaced as a whole, never changed.
    private Table _table;

    /// <param name="byName">The configured namespaces.</param>
    /// <param name="withoutNamespace">For names without one that are no channels of claw.events; null: nobody may use such names.</param>
    public ChannelNamespaces(IReadOnlyDictionary<string, ChannelOptions> byName, ChannelOptions? withoutNamespace)
    {
        _table = new(byName.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>(), withoutNamespace);
    }

    /// <summary>None configured.</summary>
    public static ChannelNamespaces Default => new(new Dictionary<string, ChannelOptions>(), null);

    /// <summary>Has the options of another one from now on.</summary>
    public void ReplaceWith(ChannelNamespaces other) => Volatile.Write(ref _table, other._table);

    /// <summary>Whether some namespace, or the channels without one, have such options.</summary>
    public bool Any(Func<ChannelOptions, bool> condition)
    {
        var table = Volatile.Read(ref _table);
        return table.ByName.Dictionary.Values.Any(condition) || (table.WithoutNamespace is { } without && condition(without));
    }

    /// <returns>Null when the channel names a namespace that is not configured, or none at all where that is not allowed.</returns>
    /// <remarks>Hot path: no allocation.</remarks>
    public ChannelOptions? Find(ChannelName channel)
    {
        var table = Volatile.Read(ref _table);
        return channel.Kind switch
        {
            ChannelKind.Invalid => null,
            ChannelKind.Plain => table.WithoutNamespace,
            ChannelKind.Namespaced => table.ByName.TryGetValue(channel.Namespace, out var options) ? options : null,
            _ => table.ByName.TryGetValue(channel.Namespace, out var options) ? options : ChannelOptions.None,
        };
    }

    private sealed record Table(FrozenDictionary<string, ChannelOptions>.AlternateLookup<ReadOnlySpan<char>> ByName, ChannelOptions? WithoutNamespace);
}
