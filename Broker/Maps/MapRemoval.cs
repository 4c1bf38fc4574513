namespace ClawEvents.Broker.Maps;

/// <summary>A key that is to be removed from a map.</summary>
/// <param name="Key">As in <see cref="MapChange.Key"/>.</param>
/// <param name="Tags">Of the removal; null: those of the value.</param>
/// <param name="IdempotencyKey">As in <see cref="MapChange.IdempotencyKey"/>.</param>
internal readonly record struct MapRemoval(string Key, IReadOnlyDictionary<string, string>? Tags = null, string? IdempotencyKey = null);
