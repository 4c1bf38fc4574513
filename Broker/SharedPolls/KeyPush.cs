using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>A key's new value, or its end, on its way to those that track the key.</summary>
/// <inheritdoc cref="ChannelPush"/>
internal sealed class KeyPush : ChannelPush
{
    private readonly string _key;

    private KeyPush(ChannelName channel, string key, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> previous)
        : base(channel, new() { Position = new(0, ""), Publication = new(data), Previous = previous }) => _key = key;

    /// <summary>Of the value; 0 for a removal.</summary>
    public ulong Version { get; private init; }

    /// <summary>Of the value that a patch is made against; 0: there is none.</summary>
    public ulong PreviousVersion { get; private init; }

    /// <summary>The key is gone: there is no value.</summary>
    public bool IsRemoval { get; private init; }

    /// <param name="data">Stays as it is while the push lives.</param>
    /// <param name="previous">The value of <paramref name="previousVersion"/>; empty: not known.</param>
    public static KeyPush Of(ChannelName channel, string key, ulong version, ReadOnlyMemory<byte> data, ulong previousVersion = 0, ReadOnlyMemory<byte> previous = default) =>
        new(channel, key, data, previous) { Version = version, PreviousVersion = previousVersion };

    public static KeyPush Removal(ChannelName channel, string key) => new(channel, key, default, default) { IsRemoval = true };

    /// <inheritdoc/>
    protected override WirePublication Describe(PublicationForm form, ReadOnlyMemory<byte> data) =>
        base.Describe(form, data) with { Key = _key, Version = Version, IsRemoved = IsRemoval };
}
