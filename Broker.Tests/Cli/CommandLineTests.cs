using System.CommandLine;
using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CommandLineTests
{
    private readonly RecordingVerb _verb = new();
    private readonly RecordingOutput _output = new();

    [TestCase("-s http://x -j run a", "http://x", "a")]
    [TestCase("run a --server http://x --json", "http://x", "a")]
    [TestCase("run --json a --server=http://x b", "http://x", "a b")]
    [TestCase("--server http://y -j run a --server http://x", "http://x", "a")]
    public async Task Global_options_are_recognised_anywhere(string line, string server, string words)
    {
        await RunAsync(line);

        Assert.That((_verb.Globals?.Server, _verb.Globals?.Json, _verb.Typed), Is.EqualTo((server, true, words)));
    }

    [Test]
    public async Task A_short_form_of_the_command_wins_over_the_global_one()
    {
        await RunAsync("-t token run -t 500 -s own a --token other");

        Assert.That((_verb.Own, _verb.Timeout, _verb.Globals), Is.EqualTo(("own", "500", new GlobalValues(Token: "other"))));
    }

    [Test]
    public async Task Nothing_after_two_dashes_is_an_option()
    {
        await RunAsync("run a -- prog -j -s X --token Y -- --help");

        Assert.That((_verb.Typed, _verb.Globals), Is.EqualTo(("a prog -j -s X --token Y -- --help", new GlobalValues())));
    }

    [TestCase("@alice")]
    [TestCase("[diagram]")]
    [TestCase("-5")]
    [TestCase("-jx")]
    [TestCase("{\"a\":1}")]
    public async Task Words_reach_the_command_as_they_were_typed(string word)
    {
        await RunAsync("run", "a", word);

        Assert.That(_verb.Typed, Is.EqualTo($"a {word}"));
    }

    [Test]
    public async Task A_flag_takes_no_value()
    {
        await RunAsync("run --json true");

        Assert.That((_verb.Globals?.Json, _verb.Typed), Is.EqualTo((true, "true")));
    }

    [TestCase("", "global help")]
    [TestCase("--help", "global help")]
    [TestCase("-h run", "global help")]
    [TestCase("run a --help", "help of run")]
    [TestCase("--version", "version")]
    [TestCase("-v", "version")]
    [TestCase("-v run", "ran")]
    public async Task Help_and_version_depend_on_the_command(string line, string shown)
    {
        var exitCode = await RunAsync(line);

        Assert.That((_output.Shown, exitCode), Is.EqualTo((shown, 0)));
    }

    [TestCase("frobnicate", "Unknown command: frobnicate")]
    [TestCase("--json frobnicate --help", "Unknown command: frobnicate")]
    [TestCase("--server", "Missing value for --server")]
    [TestCase("run --token", "Missing value for --token")]
    public async Task An_invalid_command_line_is_an_error(string line, string error)
    {
        var exitCode = await RunAsync(line);

        Assert.That((_output.Shown, exitCode), Is.EqualTo((error, 1)));
    }

    [TestCase("--help", "https://claw.events/docs")]
    [TestCase("--server http://broker.example/ --help", "http://broker.example/docs")]
    [TestCase("run --help --server http://broker.example", "http://broker.example/docs/run")]
    public async Task Help_names_the_documentation_of_the_server(string line, string documentation)
    {
        await RunAsync(line);

        Assert.That(_output.Documentation, Is.EqualTo(documentation));
    }

    private Task<int> RunAsync(string line) => RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private Task<int> RunAsync(params string[] arguments) =>
        new CommandLine([new VerbGroup("Test", new VerbEntry("run", () => _verb))]).RunAsync(arguments, _ => null, _ => _output);

    private sealed class RecordingVerb : Verb
    {
        private readonly Argument<string[]> _words = Words("words");
        private readonly Option<string[]> _own = GlobalOptions.Text("--schema", "-s");
        private readonly Option<string[]> _timeout = GlobalOptions.Text("--timeout", "-t");

        public RecordingVerb()
            : base("run", new VerbHelp("Test", "run", "run", "run a"))
        {
            Arguments.Add(_words);
            Options.Add(_own);
            Options.Add(_timeout);
        }

        public GlobalValues? Globals { get; private set; }

        public string? Typed { get; private set; }

        public string? Own { get; private set; }

        public string? Timeout { get; private set; }

        public override Task<Outcome> RunAsync(Invocation invocation)
        {
            Globals = invocation.Globals;
            Typed = string.Join(' ', invocation.Parse.Words(_words));
            Own = invocation.Parse.Text(_own);
            Timeout = invocation.Parse.Text(_timeout);
            return Task.FromResult<Outcome>(new Success("ran"));
        }
    }

    private sealed class RecordingOutput : IOutput
    {
        public string? Documentation { get; private set; }

        public string? Shown { get; private set; }

        public void Write(Success success) => Shown = success.Message;

        public void Write(Failure failure) => Shown = failure.Error;

        public void Write(CommandHelpPage page) => (Shown, Documentation) = ($"help of {page.Command}", page.Documentation);

        public void Write(GlobalHelpPage page) => (Shown, Documentation) = ("global help", page.Documentation);

        public void WriteVersion(string version, string official) => Shown = "version";

        public void WriteRaw(ReadOnlySpan<byte> text) => Shown = Encoding.UTF8.GetString(text);

        public void WriteNotice(string line) => Shown = line;

        public void WriteHint(string line) => Shown = line;

        public IDisposable? BeginWait(string line) => null;
    }
}
