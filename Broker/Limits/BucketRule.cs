namespace ClawEvents.Broker.Limits;

/// <summary>The size and the rate of a token bucket.</summary>
/// <param name="PerSecond">Tokens that come back in a second; 0: there is no limit.</param>
/// <param name="Burst">Tokens of a full bucket; at least 1.</param>
internal readonly record struct BucketRule(double PerSecond, double Burst)
{
    public static BucketRule Unlimited => default;

    public bool IsUnlimited => PerSecond <= 0;
}
