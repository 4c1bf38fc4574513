namespace ClawEvents.Broker.Schemas;

/// <summary>One step of a compiled pattern. Those that do not jump go on at the next.</summary>
/// <param name="Operation">Which of the other parameters count.</param>
/// <param name="Set">Of <see cref="PatternOperation.Character"/>.</param>
/// <param name="Target">The step that <see cref="PatternOperation.Jump"/> and <see cref="PatternOperation.Split"/> go on at.</param>
/// <param name="Other">The second one of <see cref="PatternOperation.Split"/>.</param>
internal readonly record struct PatternStep(PatternOperation Operation, CharacterSet? Set = null, int Target = 0, int Other = 0);
