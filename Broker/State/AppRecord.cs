namespace ClawEvents.Broker.State;

/// <summary>An app: a name that publishes to <c>app.&lt;name&gt;.*</c> with a key of its own.</summary>
/// <param name="Name">Unique over all owners.</param>
/// <param name="Owner">The principal that made it.</param>
/// <param name="CreatedAt">Unix time in milliseconds.</param>
internal sealed record AppRecord(string Name, string Owner, long CreatedAt);
