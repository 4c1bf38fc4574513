using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Engine;

/// <summary>How a subscribe with a position is answered.</summary>
/// <param name="Position">The position in the reply. After a recovery its offset is the request's: clients advance it with each publication.</param>
/// <param name="Top">Where the subscription starts.</param>
internal readonly record struct RecoveryResult(StreamPosition Position, StreamPosition Top)
{
    /// <summary>Whether recovery was tried: the client asked, or the channel always does in cache mode.</summary>
    public bool WasRecovering { get; init; }

    /// <summary>Whether it misses nothing (stream mode) or has the latest (cache mode).</summary>
    public bool Recovered { get; init; }

    /// <summary>For the reply, ascending.</summary>
    public IReadOnlyList<StoredPublication> Publications { get; init; } = [];

    /// <summary>Set: the subscribe is refused with it, and nothing else counts.</summary>
    public ErrorCode? Error { get; init; }
}
