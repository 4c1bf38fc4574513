namespace ClawEvents.Broker.Schemas;

/// <summary>One thing that is wrong with a payload, or with the schema it is judged by.</summary>
/// <param name="Path">Where: <c>""</c> for the payload itself, <c>a.b</c>, <c>[0].a</c>. At most <see cref="SchemaLimits.MaxTextLength"/> characters.</param>
/// <param name="Message">What would be right. At most <see cref="SchemaLimits.MaxTextLength"/> characters.</param>
internal sealed record SchemaError(string Path, string Message)
{
    /// <summary>For the doors that answer with one line. It may hold names and values that strangers chose.</summary>
    public override string ToString() => $"Schema validation failed: {Path}{(Path.Length > 0 ? ": " : "")}{Message}";
}
