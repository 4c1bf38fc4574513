namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>One step of a compiled pattern. Steps that do not jump continue at the next one.</summary>
/// <param name="Operation">Determines which of the other parameters are used.</param>
/// <param name="Set">For <see cref="PatternOperation.Character"/>.</param>
/// <param name="Target">The step that <see cref="PatternOperation.Jump"/> and <see cref="PatternOperation.Split"/> continue at.</param>
/// <param name="Other">The second target of <see cref="PatternOperation.Split"/>.</param>
internal readonly record struct PatternStep(PatternOperation Operation, CharacterSet? Set = null, int Target = 0, int Other = 0);
