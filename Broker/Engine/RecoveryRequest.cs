using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>The part of a subscribe that recovery depends on. For subscriptions that track their position.</summary>
internal readonly record struct RecoveryRequest
{
    /// <summary>Where the client was. An empty epoch matches any.</summary>
    public StreamPosition Since { get; init; }

    /// <summary>Whether the client asks to recover.</summary>
    public bool Recover { get; init; }

    /// <summary>Bit 2 of the request's flag: rather an error than a subscription that missed something.</summary>
    public bool RejectUnrecovered { get; init; }

    /// <summary>Whether the subscription may recover; false for one that is only positioned.</summary>
    public bool IsRecoverable { get; init; }

    public RecoveryMode Mode { get; init; }

    /// <summary>Cache mode for clients that do not ask, too.</summary>
    public bool AutoCacheRecover { get; init; }

    /// <summary>Whether recovery is tried, on the client's wish or without it: what the reply says.</summary>
    public bool IsTried => Recover || Recovers;

    /// <summary>Whether history has to be looked at for more than the position.</summary>
    public bool Recovers => IsRecoverable && (Recover || (AutoCacheRecover && Mode is RecoveryMode.Cache));
}
