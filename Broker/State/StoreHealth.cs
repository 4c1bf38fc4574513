namespace ClawEvents.Broker.State;

/// <summary>Whether a store can save changes.</summary>
/// <param name="Type"><c>sqlite</c>, <c>redis</c> or <c>memory</c>.</param>
/// <param name="Fault">For the operator; null when the store works.</param>
internal readonly record struct StoreHealth(string Type, string? Fault = null)
{
    public bool IsOk => Fault is null;
}
