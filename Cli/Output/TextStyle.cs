namespace ClawEvents.Cli.Output;

/// <summary>The capabilities of the terminal: colours, width, a temporary line.</summary>
/// <param name="width">Columns; null to ask the terminal, but only for the first long line: asking loads the terminal database and
/// switches the keypad.</param>
/// <param name="waits">See <see cref="Waits"/>.</param>
internal sealed class TextStyle(bool colours, int? width, bool waits = false)
{
    private const int WidestColumn = 80;

    private static readonly string[] ContinuousIntegration =
        ["CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS", "CIRCLECI", "JENKINS_URL"];

    /// <summary>Columns to wrap at; never more than 80.</summary>
    public int Width => field != 0 ? field : field = Math.Min(width ?? TerminalWidth(), WidestColumn);

    /// <summary>Whether stderr is a terminal on which a line can be erased.</summary>
    public bool Waits { get; } = waits;

    /// <summary>Detects the style from this process's terminal and environment.</summary>
    /// <param name="environment">Looks up a variable; null if it is not set.</param>
    public static TextStyle Detect(Func<string, string?> environment)
    {
        var terminal = !Console.IsOutputRedirected;
        var waits = !Console.IsErrorRedirected && !IsDumb(environment);
        return new TextStyle(
            terminal && !Console.IsErrorRedirected && ColoursAllowed(environment), terminal ? null : WidestColumn, waits);
    }

    /// <summary>Whether the environment lets a terminal have colours.</summary>
    public static bool ColoursAllowed(Func<string, string?> environment) =>
        !IsSet(environment, "NO_COLOR")
        && !IsSet(environment, "CLAW_NO_COLOR")
        && environment("FORCE_COLOR") != "0"
        && !IsDumb(environment)
        && !ContinuousIntegration.Any(name => IsSet(environment, name));

    public string Green(string text) => Paint(text, "32");

    public string Red(string text) => Paint(text, "31");

    public string Blue(string text) => Paint(text, "34");

    public string Bold(string text) => Paint(text, "1");

    private string Paint(string text, string code) => colours ? $"\e[{code}m{text}\e[0m" : text;

    private static bool IsDumb(Func<string, string?> environment) => environment("TERM") is "dumb" or "unknown";

    private static bool IsSet(Func<string, string?> environment, string name) => !string.IsNullOrEmpty(environment(name));

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : WidestColumn;
        }
        catch (IOException)
        {
            // A terminal that does not know its size.
            return WidestColumn;
        }
    }
}
