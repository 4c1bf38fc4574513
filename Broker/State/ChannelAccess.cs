namespace ClawEvents.Broker.State;

/// <summary>What the store knows about one principal and one lockable channel.</summary>
internal enum ChannelAccess : byte
{
    /// <summary>The channel is not locked: anybody may listen.</summary>
    Open,

    /// <summary>Locked, and the principal has a grant.</summary>
    Granted,

    /// <summary>Locked, and the principal has no grant. (The store does not ask who owns the channel.)</summary>
    Locked,
}
