namespace ClawEvents.Broker.Telemetry.Following;

/// <summary>Something that has happened on this node.</summary>
/// <param name="Word"><c>connected</c>, <c>published</c>…: docs/reference/http-api.md#trace</param>
/// <param name="User">Empty: a client without a user. Null: no client did it.</param>
internal readonly record struct TraceEvent(string Word, string? User)
{
    /// <summary>The connection; empty: none.</summary>
    public Guid Client { get; init; }

    /// <summary>Null: it concerns no channel.</summary>
    public string? Channel { get; init; }

    /// <summary>Of the close, the unsubscribe or the error; 0: none.</summary>
    public int Code { get; init; }

    public string? Reason { get; init; }

    /// <summary>The command that was refused; null: none was.</summary>
    public string? Action { get; init; }

    public string? Transport { get; init; }

    /// <summary>The payload, only read until the call returns.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }
}
