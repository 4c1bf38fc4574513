namespace ClawEvents.Broker.Limits;

/// <summary>The costs that one address may cause, whatever the number of its connections. docs/reference/settings.md#limits-per-address</summary>
internal sealed record AddressRules
{
    /// <summary><c>MaxConnectionsPerAddress</c>; 0: no limit. Not for clients on the same machine.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary><c>ConnectionsPerSecondPerAddress</c>. Not for clients on the same machine.</summary>
    public BucketRule Connections { get; init; } = new(100, 1_000);

    /// <summary><c>AnonymousPublishesPerSecondPerAddress</c>.</summary>
    public BucketRule AnonymousPublishes { get; init; } = new(20, 20);

    /// <summary><c>SignInsPerMinutePerAddress</c>: requests of the login paths.</summary>
    public BucketRule SignIns { get; init; } = new(1, 60);

    /// <summary><c>AccessRequestsPerMinutePerAddress</c>.</summary>
    public BucketRule AccessRequests { get; init; } = new(0.5, 30);

    /// <summary><c>SearchesPerSecondPerAddress</c>: requests that read advertisements.</summary>
    public BucketRule Searches { get; init; } = new(20, 40);
}
