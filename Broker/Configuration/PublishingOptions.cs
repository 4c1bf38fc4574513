namespace ClawEvents.Broker.Configuration;

/// <summary>The limits of a publish. docs/reference/settings.md</summary>
internal sealed record PublishingOptions
{
    /// <summary><c>MaxPayloadBytes</c>: size limit of the JSON text of one publish.</summary>
    public int MaxPayloadBytes { get; init; } = 16 * 1024;

    /// <summary><c>PublishesPerSecond</c>, for one principal; 0 for no limit and no counting.</summary>
    public int PublishesPerSecond { get; init; } = 5;
}
