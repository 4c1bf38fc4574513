namespace ClawEvents.Cli.Arguments;

/// <summary>The version that all projects share (Directory.Build.props).</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);
}
