namespace ClawEvents.Broker.Channels;

/// <summary>Turns a name into a channel with its options. Thread-safe.</summary>
internal sealed class ChannelResolver(ChannelNames names, ChannelNamespaces namespaces)
{
    /// <inheritdoc cref="ChannelNames.Rule"/>
    public string Rule => names.Rule;

    /// <inheritdoc cref="ChannelNames.TryGet(ReadOnlySpan{byte}, out ChannelName?)"/>
    public bool TryResolve(ReadOnlySpan<byte> utf8, out ResolvedChannel channel)
    {
        channel = names.TryGet(utf8, out var name) ? Resolve(name) : default;
        return name is not null;
    }

    /// <inheritdoc cref="ChannelNames.TryGet(ReadOnlySpan{byte}, out ChannelName?)"/>
    public bool TryResolve(ReadOnlySpan<char> value, out ResolvedChannel channel)
    {
        channel = names.TryGet(value, out var name) ? Resolve(name) : default;
        return name is not null;
    }

    /// <summary>Looks up the options of a name that was parsed earlier.</summary>
    public ResolvedChannel Resolve(ChannelName name)
    {
        // One from a store knows nothing of the settings.
        var own = name.Syntax == names.Syntax || !names.TryGet(name.Value, out var parsed) ? name : parsed;
        return new(own, namespaces.Find(own));
    }
}
