namespace ClawEvents.Cli.Streams.Durable;

/// <summary>Where messages go that were given up. Thread-safe.</summary>
internal interface IDeadLetters
{
    /// <summary>Keeps one.</summary>
    /// <param name="letter">One JSON object, UTF-8.</param>
    /// <returns>null if it is kept; otherwise why not.</returns>
    Task<string?> KeepAsync(byte[] letter);

    /// <summary>The place, for people.</summary>
    string Place { get; }
}
