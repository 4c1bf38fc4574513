namespace ClawEvents.Broker.State;

/// <summary>A principal's position in its rate window.</summary>
/// <param name="Count">Requests counted in this window, this one included; refused ones count too. 0: there is no window.</param>
/// <param name="RemainingSeconds">Whole seconds until the window ends, at least 1.</param>
internal readonly record struct RateWindow(int Count, int RemainingSeconds);
