namespace ClawEvents.Cli.Output;

/// <summary>Shows results: for people (<see cref="HumanOutput"/>) or for programs (<see cref="JsonOutput"/>).</summary>
/// <remarks>Success and help go to stdout, failures and notices to stderr. Nobody calls it from two threads at once, except
/// <see cref="Notice"/>, which writes one whole line per call.</remarks>
internal interface IOutput
{
    void Write(Success success);

    void Write(Failure failure);

    void Write(CommandHelpPage page);

    void Write(GlobalHelpPage page);

    void WriteVersion(string version);

    /// <summary>Puts text on stdout as it is: data, or a script for a shell.</summary>
    /// <param name="text">UTF-8, with its line ends.</param>
    void WriteRaw(ReadOnlySpan<byte> text);

    /// <summary>One line on stderr that is neither a result nor an error.</summary>
    void Notice(string line);

    /// <summary>Says what is waited for, on a terminal and if it takes long, until the result is disposed of.</summary>
    IDisposable? BeginWait(string line);
}

internal static class OutputExtensions
{
    /// <summary>Shows any outcome; one that is <see cref="Finished"/> has been shown already.</summary>
    public static void Show(this IOutput output, Outcome outcome)
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
