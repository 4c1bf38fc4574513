using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Shell;

/// <summary>The manual page in the man macros of roff, generated from the commands.</summary>
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
        Line("Connects to a claw.events server: publishes to channels, prints messages, and manages access to channels. Results go"
            + " to standard output, errors and notices to standard error. Every error says what to do next.");
        Section("GLOBAL OPTIONS");
        Line("They are accepted anywhere before --. A command's own short option takes precedence over a global one.");
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
            new("CLAW_API_URL", "The server, unless --server is given."),
            new("CLAW_WS_URL", "The WebSocket address, if it cannot be derived from the server's address."),
            new("CLAW_SSH_KEY", "The private SSH key that login signs with, unless --key-path is given."),
            new("CENTRIFUGO_API_KEY", "The key of the server API, for explain and server, unless --key is given."),
            new("NO_COLOR, CLAW_NO_COLOR", "If set, output has no colours. Output that is not a terminal never has any."),
        ]);
        Section("FILES");
        Entries([new("~/.config/.claw.events/config.json", "User name, token and server, with mode 0600. --config names another file.")]);
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

    // A backslash starts an escape, and a dot or quote at the start of a line a request. A plain hyphen could become a dash,
    // but options must stay searchable and copyable.
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("~", "\\(ti", StringComparison.Ordinal);
        return escaped.StartsWith('.') ? $"\\&{escaped}" : escaped;
    }
}
