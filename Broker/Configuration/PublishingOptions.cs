namespace ClawEvents.Broker.Configuration;

/// <summary>The limits of a publish. docs/reference/settings.md</summary>
/// <remarks>Settable ones change in place on a reload, and every read has the newest. Thread-safe.</remarks>
internal sealed record PublishingOptions
{
    /// <summary><c>MaxPayloadBytes</c>: size limit of the JSON text of one publish.</summary>
    public int MaxPayloadBytes { get; set; } = 16 * 1024;

    /// <summary><c>PublishesPerSecond</c>, for one principal; 0 for no limit and no counting.</summary>
    public int PublishesPerSecond { get; set; } = 5;

    /// <summary>Takes over what a reload changes.</summary>
    public void ApplySettings(PublishingOptions fresh) =>
        (MaxPayloadBytes, PublishesPerSecond) = (fresh.MaxPayloadBytes, fresh.PublishesPerSecond);
}
