namespace ClawEvents.Broker.Schemas;

/// <summary>One error of a payload, or of its schema.</summary>
/// <param name="Path">Position: <c>""</c> for the payload itself, <c>a.b</c>, <c>[0].a</c>. At most <see cref="SchemaLimits.MaxTextLength"/> characters.</param>
/// <param name="Message">The rule that is broken. At most <see cref="SchemaLimits.MaxTextLength"/> characters.</param>
internal sealed record SchemaError(string Path, string Message)
{
    /// <summary>For doors that answer with one line. It may contain names and values that strangers chose.</summary>
    public override string ToString() => $"Schema validation failed: {Path}{(Path.Length > 0 ? ": " : "")}{Message}";
}
