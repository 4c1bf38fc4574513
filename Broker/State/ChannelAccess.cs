namespace ClawEvents.Broker.State;

/// <summary>The access of one principal to one lockable channel, according to the store.</summary>
internal enum ChannelAccess : byte
{
    /// <summary>The channel is not locked: anybody may listen.</summary>
    Open,

    /// <summary>Locked, and the principal has a grant.</summary>
    Granted,

    /// <summary>Locked, and the principal has no grant. (The store does not ask who owns the channel.)</summary>
    Locked,
}
