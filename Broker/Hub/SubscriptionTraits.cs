namespace ClawEvents.Broker.Hub;

/// <summary>The properties of a subscription besides its publications.</summary>
[Flags]
internal enum SubscriptionTraits : byte
{
    None = 0,

    /// <summary>The broker made it, not the client.</summary>
    ServerSide = 1,

    /// <summary>The client gets joins and leaves of others.</summary>
    ReceivesJoins = 2,

    /// <summary>Others get the client's joins and leaves.</summary>
    AnnouncesJoins = 4,

    /// <summary>The client is listed in presence.</summary>
    ShowsPresence = 8,

    /// <summary>The client has a key in the maps of the channel's clients or users.</summary>
    ShowsInMaps = 16,

    /// <summary>The client's own key in this map is removed when the subscription ends.</summary>
    TakesKeyAlong = 32,
}
