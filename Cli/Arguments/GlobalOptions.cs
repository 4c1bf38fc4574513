using System.CommandLine;

namespace ClawEvents.Cli.Arguments;

/// <summary>The options every command understands, anywhere before <c>--</c>.</summary>
/// <remarks>They are recursive: the parser looks at a command's own options first, so a command may use a short form for itself
/// (<c>validate -s</c>) and the global option keeps its long one.</remarks>
internal sealed class GlobalOptions
{
    private readonly Option<string[]> _config = Text("--config", "-c").For("Config file (.json) or its folder", "<path>");
    private readonly Option<string[]> _server = Text("--server", "-s").For("Server for this call", "<url>");
    private readonly Option<string[]> _token = Text("--token", "-t").For("Token for this call; only login saves it", "<token>");
    private readonly Option<bool> _json = Flag("--json", "-j").For("Output as JSON");
    private readonly Option<bool> _verbose = Flag("--verbose", "-vvv").For("Say on stderr what happens");
    private readonly Option<bool> _help = Flag("--help", "-h").For("This help, or the help of a command");
    private readonly Option<bool> _version = Flag("--version", "-v").For("The version");

    public IReadOnlyList<Option> All => [_config, _server, _token, _json, _verbose, _help, _version];

    public void AddTo(Command root)
    {
        foreach (var option in All)
        {
            option.Recursive = true;
            root.Options.Add(option);
        }
    }

    /// <summary>Reads the values; works on a command line with errors, whose message has to be shown in the right format.</summary>
    public GlobalValues Read(ParseResult parse) => new(
        parse.Text(_config),
        parse.Text(_server),
        parse.Text(_token),
        parse.Given(_json),
        parse.Given(_help),
        parse.Given(_version),
        parse.Given(_verbose));

    /// <summary>Whether help was asked for before the command's name: then it is the whole program's.</summary>
    public bool HelpIsGlobal(ParseResult parse) =>
        parse.GetResult(_help) is { Implicit: false } help && help.Parent == parse.RootCommandResult;

    /// <summary>An option with one value; given twice, the last one counts, so that a wrapper's default can be overruled.</summary>
    public static Option<string[]> Text(string name, params string[] aliases) =>
        new(name, aliases) { Arity = ArgumentArity.OneOrMore };

    /// <summary>An option without a value: <c>pub ch --json true</c> publishes true.</summary>
    public static Option<bool> Flag(string name, params string[] aliases) =>
        new(name, aliases) { Arity = ArgumentArity.Zero };
}
