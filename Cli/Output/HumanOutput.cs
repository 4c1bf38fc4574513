using System.Text;

namespace ClawEvents.Cli.Output;

/// <summary>Results for people: a mark, a line, the data as a list, next steps.</summary>
/// <param name="time">What moments are compared with; null for the system's clock.</param>
internal sealed class HumanOutput(OutputStreams streams, TextStyle style, TimeProvider? time = null) : IOutput
{
    public void Write(Success success)
    {
        var text = new StringBuilder();
        text.Append('\n').Append(success.Confirms ? style.Green("✓") : style.Blue("ℹ")).Append(' ').Append(PlainText.Of(success.Message)).Append("\n\n");
        if (success.Data is not null)
        {
            AppendData(text, success.Data);
            text.Append('\n');
        }
        AppendSection(text, "Next steps:", "  → ", success.NextSteps);
        AppendSection(text, "Documentation:", "  • ", success.Documentation);
        streams.WriteResult(text);
    }

    public void Write(Failure failure)
    {
        var text = new StringBuilder();
        // The error stays one line however long it is: people search for it.
        text.Append(style.Red("✗ Error:")).Append(' ').Append(PlainText.Of(failure.Plain ?? failure.Error)).Append('\n');
        if (failure.Details is not null)
        {
            text.Append(style.Bold("Details:")).Append('\n');
            LineWrap.Append(text, "  ", PlainText.Of(failure.Details), style.Width);
        }
        if ((failure.Data ?? failure.PlainData) is { } data)
        {
            AppendData(text, data);
        }
        AppendList(text, "How to fix:", "  → ", failure.Fixes);
        AppendList(text, "Documentation:", "  • ", failure.Documentation);
        streams.WriteError(text);
    }

    public void Write(CommandHelpPage page)
    {
        var text = new StringBuilder();
        text.Append('\n').Append(style.Blue("ℹ")).Append(" Help: ").Append(page.Command).Append("\n\n");
        text.Append(page.Description).Append("\n\n");
        AppendSection(text, "Usage:", "  ", [page.Help.Usage]);
        AppendEntries(text, "Subcommands:", page.Subcommands);
        AppendEntries(text, "Options:", page.Options);
        AppendSection(text, "Examples:", "  ", page.Help.Examples);
        AppendSection(text, "Documentation:", "  • ", [page.Documentation]);
        streams.WriteResult(text);
    }

    public void Write(GlobalHelpPage page)
    {
        var text = new StringBuilder();
        AppendBox(text, GlobalHelpPage.Description, $"Version: {page.Version}");
        AppendSection(text, "USAGE:", "  ", ["claw.events [global options] <command> [arguments]"]);
        AppendTable(text, style.Bold("GLOBAL OPTIONS:"), "  ", page.Options);
        text.Append('\n').Append(style.Bold("COMMANDS:")).Append('\n');
        foreach (var group in page.Groups)
        {
            AppendTable(text, $"  {group.Title}:", "    ", group.Commands);
        }
        text.Append('\n');
        AppendSection(text, "DOCUMENTATION:", "  • ", [page.Documentation]);
        streams.WriteResult(text);
    }

    public void WriteVersion(string version, string official) =>
        streams.WriteResult(new StringBuilder($"claw.events version {version} (compatible with {official})\n"));

    public void WriteRaw(ReadOnlySpan<byte> text) => streams.WriteResult(text);

    public void WriteNotice(string line) =>
        streams.WriteError(new StringBuilder(PlainText.Of(line)).Append('\n'));

    public void WriteHint(string line)
    {
        if (style.Waits)
        {
            WriteNotice(line);
        }
    }

    public IDisposable? BeginWait(string line) => style.Waits ? new WaitLine(streams, PlainText.Of(line)) : null;

    private void AppendData(StringBuilder text, WriteMembers data) =>
        new HumanData(style.Width, style.Bold, (time ?? TimeProvider.System).GetUtcNow()).Append(text, JsonText.Object(data));

    private void AppendEntries(StringBuilder text, string title, IReadOnlyList<HelpEntry> entries)
    {
        if (entries.Count > 0)
        {
            AppendTable(text, style.Bold(title), "  ", entries);
            text.Append('\n');
        }
    }

    private void AppendSection(StringBuilder text, string title, string mark, IReadOnlyList<string> lines)
    {
        if (lines.Count > 0)
        {
            AppendList(text, title, mark, lines);
            text.Append('\n');
        }
    }

    private void AppendList(StringBuilder text, string title, string mark, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }
        text.Append(style.Bold(title)).Append('\n');
        foreach (var line in lines)
        {
            text.Append(mark).Append(PlainText.Of(line)).Append('\n');
        }
    }

    private static void AppendTable(StringBuilder text, string title, string indent, IReadOnlyList<HelpEntry> entries)
    {
        text.Append(title).Append('\n');
        var width = entries.Max(entry => entry.Name.Length);
        foreach (var entry in entries)
        {
            text.Append(indent).Append(entry.Name.PadRight(width)).Append("  ").Append(entry.Description).Append('\n');
        }
    }

    private static void AppendBox(StringBuilder text, params ReadOnlySpan<string> lines)
    {
        var width = 0;
        foreach (var line in lines)
        {
            width = Math.Max(width, line.Length);
        }
        var edge = new string('─', width + 2);
        text.Append('┌').Append(edge).Append("┐\n");
        foreach (var line in lines)
        {
            text.Append("│ ").Append(line.PadRight(width)).Append(" │\n");
        }
        text.Append('└').Append(edge).Append("┘\n\n");
    }
}
