using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>Why a publication was not published.</summary>
internal enum Suppression : byte
{
    /// <summary>It was.</summary>
    None,

    /// <summary>One with its idempotency key had been.</summary>
    Repeated,

    /// <summary>Its version was not newer than the channel's.</summary>
    Outdated,
}

/// <summary>The result of a publication.</summary>
/// <param name="Position">Its place, or the first one's for a repeated publication, or the channel's for an outdated one; offset 0 and an empty
/// epoch without history.</param>
/// <param name="Suppression">Why nobody got it.</param>
internal readonly record struct PublishResult(StreamPosition Position, Suppression Suppression = Suppression.None)
{
    /// <summary>The position of what is in no history.</summary>
    public static StreamPosition NoPosition { get; } = new(0, "");
}
