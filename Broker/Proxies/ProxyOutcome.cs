using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Proxies;

/// <summary>What a back end answered to an event: one of the three is set, or none when it has nothing to say.</summary>
/// <param name="Result">What it allows.</param>
/// <param name="Error">What the client's command is answered with.</param>
/// <param name="Disconnect">The connection ends with it, and the command gets no answer.</param>
internal readonly record struct ProxyOutcome<T>(T? Result, ErrorCode? Error = null, DisconnectCode? Disconnect = null)
    where T : class
{
    /// <summary>Nothing that could be called an answer came; <see cref="Error"/> is 100 then, which clients try again after.</summary>
    public bool IsFault { get; init; }

    public static ProxyOutcome<T> Fault { get; } = new(null, ErrorCode.Internal) { IsFault = true };
}
