namespace ClawEvents.Broker.Protocol;

/// <summary>The phases of subscribing to a map, as numbers in requests and replies.</summary>
internal static class MapPhase
{
    /// <summary>The subscription has begun, or the client asks to begin it from the position it has.</summary>
    public const int Live = 0;

    /// <summary>A page of the changes since a position.</summary>
    public const int Stream = 1;

    /// <summary>A page of the entries.</summary>
    public const int State = 2;
}
