using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Channels;

/// <summary>What was published to a channel.</summary>
/// <remarks>Lives on the stack of the publisher: <see cref="Data"/> is only valid until the call that takes it returns.</remarks>
internal readonly ref struct Publication
{
    /// <summary>Valid UTF-8 JSON, the payload as subscribers get it.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Who published it over a connection; null for what came through HTTP or from the broker itself.</summary>
    public Principal? Publisher { get; init; }

    /// <summary>The publishing connection's id; only with a <see cref="Publisher"/>.</summary>
    public Guid Client { get; init; }
}
