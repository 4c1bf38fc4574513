namespace ClawEvents.Broker.Engine;

/// <summary>The result of the first publication with a key. A second one waits here, under its gate, until the first has finished.</summary>
internal sealed class IdempotentResult(TimeSpan due)
{
    public Lock Gate { get; } = new();

    /// <summary>When it is forgotten, since the table's start.</summary>
    public TimeSpan Due { get; } = due;

    /// <summary>Null until the first is published. Under the gate.</summary>
    public PublishResult? Value { get; set; }
}
