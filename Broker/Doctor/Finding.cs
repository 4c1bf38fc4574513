namespace ClawEvents.Broker.Doctor;

/// <summary>The verdict of a check, from the best to the worst.</summary>
internal enum Verdict
{
    Ok,

    /// <summary>It could not be checked here; the text says why.</summary>
    Skipped,

    /// <summary>It works, and may cost something one day.</summary>
    Warning,

    /// <summary>The broker does not work as it is set up, or is open to strangers.</summary>
    Fault,
}

/// <summary>The result of one check.</summary>
/// <param name="Check">Its name in docs/reference/broker-commands.md: lower case and hyphens.</param>
/// <param name="Text">What was found, in one line, without secrets.</param>
/// <param name="Advice">What to do; empty unless it is a warning or a fault.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Text, string Advice = "")
{
    public static Finding Ok(string check, string text) => new(check, Verdict.Ok, text);

    public static Finding Skipped(string check, string text) => new(check, Verdict.Skipped, text);

    public static Finding Warning(string check, string text, string advice) => new(check, Verdict.Warning, text, advice);

    public static Finding Fault(string check, string text, string advice) => new(check, Verdict.Fault, text, advice);
}
