namespace ClawEvents.Broker.Channels;

/// <summary>A channel with its options. They are looked up once, where an operation begins, so that a reload of the settings never changes them halfway.</summary>
/// <param name="Options">Null when no client may use the channel: its namespace is not configured, or it has none where that is not allowed.</param>
internal readonly record struct ResolvedChannel(ChannelName Name, ChannelOptions? Options)
{
    /// <summary>The options, or those of a channel that keeps and allows nothing.</summary>
    public ChannelOptions OptionsOrNone => Options ?? ChannelOptions.None;
}
