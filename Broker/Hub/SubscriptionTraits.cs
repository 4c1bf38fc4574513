namespace ClawEvents.Broker.Hub;

/// <summary>What a subscription has to do with besides publications.</summary>
[Flags]
internal enum SubscriptionTraits : byte
{
    None = 0,

    /// <summary>The broker made it, not the client.</summary>
    ServerSide = 1,

    /// <summary>The client is told who joins and leaves.</summary>
    HearsComings = 2,

    /// <summary>Others are told when the client joins and leaves.</summary>
    TellsComings = 4,

    /// <summary>The client is shown as present.</summary>
    ShowsPresence = 8,
}
