namespace ClawEvents.Broker.Hub;

/// <summary>Bytes that source and target have in common.</summary>
/// <param name="Source">Where they begin in the source.</param>
/// <param name="Target">Where they begin in the target.</param>
/// <param name="Length">0: there are none.</param>
internal readonly record struct BlockMatch(int Source, int Target, int Length);
