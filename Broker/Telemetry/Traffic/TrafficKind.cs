namespace ClawEvents.Broker.Telemetry.Traffic;

/// <summary>What channels are ranked by.</summary>
internal enum TrafficKind : byte
{
    /// <summary>Publications, counted once: by the node that took them from a publisher.</summary>
    Messages,

    /// <summary>Bytes of their payloads, envelopes included.</summary>
    Bytes,

    /// <summary>Publications handed to connections.</summary>
    Deliveries,

    /// <summary>Subscriptions now.</summary>
    Subscribers,
}
