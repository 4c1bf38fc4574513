namespace ClawEvents.Cli.Output;

/// <summary>Shows results: for people (<see cref="HumanOutput"/>) or for programs (<see cref="JsonOutput"/>).</summary>
/// <remarks>Success and help go to stdout, failures and notices to stderr. Not thread-safe, except for
/// <see cref="WriteNotice"/>, which writes one whole line per call.</remarks>
internal interface IOutput
{
    void Write(Success success);

    void Write(Failure failure);

    void Write(CommandHelpPage page);

    void Write(GlobalHelpPage page);

    /// <param name="official">Version of the official client that this one is compatible with.</param>
    void WriteVersion(string version, string official);

    /// <summary>Writes text to stdout unchanged: data, or a script for a shell.</summary>
    /// <param name="text">UTF-8, with its line ends.</param>
    void WriteRaw(ReadOnlySpan<byte> text);

    /// <summary>Writes a line to stderr that is neither a result nor an error.</summary>
    void WriteNotice(string line);

    /// <summary>Writes a line to stderr only for people who watch it on a terminal.</summary>
    void WriteHint(string line);

    /// <summary>Shows what the program waits for, only on a terminal and only if it takes long, until the result is disposed.</summary>
    IDisposable? BeginWait(string line);
}

internal static class OutputExtensions
{
    /// <summary>Writes any outcome; the output of a <see cref="Finished"/> one was written before.</summary>
    public static void WriteOutcome(this IOutput output, Outcome outcome)
    {
        switch (outcome)
        {
            case Success success:
                output.Write(success);
                break;
            case Failure failure:
                output.Write(failure);
                break;
        }
    }
}
