namespace ClawEvents.Cli.Arguments;

/// <summary>The version that all projects share (Directory.Build.props).</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);

    /// <summary>The version that the official client reports, whose commands, options and output this one has. It says 1.0.2 up to its release 1.4.0.</summary>
    public const string Official = "1.0.2";
}
