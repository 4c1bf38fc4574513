namespace ClawEvents.Cli.Streams;

/// <summary>Where a stream begins.</summary>
/// <param name="Position">In the history; null: with what is published from now on.</param>
/// <param name="NotBefore">Older messages are left out, Unix milliseconds; 0: none is. Messages without a time count as new.</param>
internal readonly record struct StartPlace(StreamPosition? Position, long NotBefore = 0);
