using System.CommandLine;

namespace ClawEvents.Cli.Arguments;

/// <summary>The options that every command accepts, anywhere before <c>--</c>.</summary>
/// <remarks>They are recursive: the parser looks at a command's own options first, so a command may use a short form for itself
/// (<c>validate -s</c>) and the global option keeps its long one.</remarks>
internal sealed class GlobalOptions
{
    private readonly Option<string[]> _config = Text("--config", "-c").WithHelp("Config file (.json) or its folder", "<path>");
    private readonly Option<string[]> _server = Text("--server", "-s").WithHelp("Server to use for this command", "<url>");
    private readonly Option<string[]> _token = Text("--token", "-t").WithHelp("Token to use for this command, - reads it from stdin; only login saves it", "<token>");
    private readonly Option<string[]> _context = Text("--context").WithHelp("Context to use for this command", "<name>");
    private readonly Option<string[]> _authorities = Text("--ca").WithHelp("File of certificates that are trusted too", "<file>");
    private readonly Option<bool> _json = Flag("--json", "-j").WithHelp("Output as JSON");
    private readonly Option<bool> _verbose = Flag("--verbose", "-vvv").WithHelp("Report progress on stderr");
    private readonly Option<bool> _help = Flag("--help", "-h").WithHelp("Show the help of the program or of a command");
    private readonly Option<bool> _version = Flag("--version", "-v").WithHelp("Show the version");

    public IReadOnlyList<Option> All => [_config, _server, _token, _context, _authorities, _json, _verbose, _help, _version];

    public void AddTo(Command root)
    {
        foreach (var option in All)
        {
            option.Recursive = true;
            root.Options.Add(option);
        }
    }

    /// <summary>Reads the values, also from a command line with errors, whose message must be shown in the right format.</summary>
    public GlobalValues Read(ParseResult parse) => new(
        parse.Text(_config),
        parse.Text(_server),
        parse.Text(_token),
        parse.Text(_authorities),
        parse.Text(_context),
        TokenIsFromInput: false,
        parse.Given(_json),
        parse.Given(_help),
        parse.Given(_version),
        parse.Given(_verbose));

    /// <summary>Whether <c>--help</c> came before the command's name and so asks for the program's help.</summary>
    public bool HelpIsGlobal(ParseResult parse) =>
        parse.GetResult(_help) is { Implicit: false } help && help.Parent == parse.RootCommandResult;

    /// <summary>An option with one value; if it is given twice, the last value counts, so that a wrapper's default can be overridden.</summary>
    public static Option<string[]> Text(string name, params string[] aliases) =>
        new(name, aliases) { Arity = ArgumentArity.OneOrMore };

    /// <summary>An option without a value: <c>pub ch --json true</c> publishes true.</summary>
    public static Option<bool> Flag(string name, params string[] aliases) =>
        new(name, aliases) { Arity = ArgumentArity.Zero };
}
