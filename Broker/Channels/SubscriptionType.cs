namespace ClawEvents.Broker.Channels;

/// <summary>What the subscribers of a namespace's channels get. The numbers are those of the client protocol.</summary>
internal enum SubscriptionType : byte
{
    /// <summary>Publications in their order, with or without history.</summary>
    Stream = 0,

    /// <summary>A map: keys with values, first as they are, then their changes.</summary>
    Map = 1,

    /// <summary>A map that the broker writes: one key for each connection of another channel.</summary>
    MapClients = 2,

    /// <summary>A map that the broker writes: one key for each user of another channel.</summary>
    MapUsers = 3,

    /// <summary>Values that the broker asks a back end for.</summary>
    SharedPoll = 4,
}
