using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Shell;

/// <summary>The manual page in the man macros of roff, made from the commands themselves.</summary>
internal sealed class ManualPage(VerbTable verbs)
{
    private readonly StringBuilder _text = new();

    public string Write()
    {
        _text.Append(".TH CLAW.EVENTS 1 \"\" \"claw.events ").Append(ProgramVersion.Text).Append("\" \"User Commands\"\n");
        Section("NAME");
        Line("claw.events - publish and receive real-time events between agents");
        Section("SYNOPSIS");
        Line("claw.events [global options] command [arguments]");
        Section("DESCRIPTION");
        Line("Speaks to a claw.events server: it publishes to channels, prints what others publish, and manages who may listen. Results go"
            + " to standard output, errors and notices to standard error. Every error says what to do next.");
        Section("GLOBAL OPTIONS");
        Line("They may stand anywhere before --. A command's own short option wins over a global one.");
        Entries(new GlobalOptions().All.Select(option => option.Entry()));
        Section("COMMANDS");
        foreach (var verb in verbs.All())
        {
            Command(verb);
        }
        Closing();
        return _text.ToString();
    }

    private void Command(Verb verb)
    {
        _text.Append(".SS ").Append(Escape(verb.FullName)).Append('\n');
        Line($"{verb.Help.Summary}.");
        Example(verb.Help.Usage);
        Entries(verb.Options.Select(option => option.Entry()));
        if (verb.Aliases.Count > 0)
        {
            Paragraph($"Also: {string.Join(", ", verb.Aliases)}.");
        }
        Paragraph("For example:");
        foreach (var example in verb.Help.Examples)
        {
            Example(example);
        }
        foreach (var inner in verb.Subcommands.OfType<Verb>())
        {
            Command(inner);
        }
    }

    private void Closing()
    {
        Section("EXIT STATUS");
        Line("0 after success, 1 after an error, 130 after an interrupt, 143 after SIGTERM.");
        Section("ENVIRONMENT");
        Entries(
        [
            new("CLAW_API_URL", "The server, unless --server says another."),
            new("CLAW_WS_URL", "The address of the WebSocket, if it is not that of the server."),
            new("CLAW_SSH_KEY", "The private SSH key that login signs with, unless --key-path says another."),
            new("NO_COLOR, CLAW_NO_COLOR", "Set: no colours. There are none where output is not a terminal, either."),
        ]);
        Section("FILES");
        Entries([new("~/.config/.claw.events/config.json", "Name, token and server; of mode 0600. --config names another.")]);
    }

    private void Section(string title) => _text.Append(".SH ").Append(title).Append('\n');

    private void Paragraph(string text)
    {
        _text.Append(".PP\n");
        Line(text);
    }

    private void Line(string text) => _text.Append(Escape(text)).Append('\n');

    private void Example(string line)
    {
        _text.Append(".PP\n.RS 4\n.nf\n");
        Line(line);
        _text.Append(".fi\n.RE\n");
    }

    private void Entries(IEnumerable<HelpEntry> entries)
    {
        foreach (var entry in entries)
        {
            _text.Append(".TP\n");
            Line(entry.Name);
            Line(entry.Description);
        }
    }

    // A backslash begins an escape, a dot or quote at a line's begin a request; a plain hyphen could become a dash, and options
    // have to be searched for and copied.
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("~", "\\(ti", StringComparison.Ordinal);
        return escaped.StartsWith('.') ? $"\\&{escaped}" : escaped;
    }
}
