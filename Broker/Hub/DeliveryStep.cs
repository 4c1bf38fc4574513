namespace ClawEvents.Broker.Hub;

/// <summary>The next or last step of a push for one subscriber.</summary>
internal enum DeliveryStep : byte
{
    /// <summary>It is not for this subscriber, or not now.</summary>
    Pass,

    Send,

    /// <summary>Keep it until the subscription begins.</summary>
    Keep,

    /// <summary>The subscriber's queue has no room for it.</summary>
    Full,

    /// <summary>Something before it is missing: the subscriber has to recover.</summary>
    InsufficientState,

    /// <summary>It cannot be written in the subscriber's encoding.</summary>
    Inappropriate,
}
