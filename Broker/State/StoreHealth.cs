namespace ClawEvents.Broker.State;

/// <summary>Whether a store can keep what it is told.</summary>
/// <param name="Type"><c>sqlite</c>, <c>redis</c> or <c>memory</c>.</param>
/// <param name="Fault">What is wrong, for the operator; null when nothing is.</param>
internal readonly record struct StoreHealth(string Type, string? Fault = null)
{
    public bool IsOk => Fault is null;
}
