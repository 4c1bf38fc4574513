using System.Text;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built program on a pseudo-terminal, provided by Debian's <c>script</c>.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
internal sealed partial class TerminalTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("whoami", "", "\e[34mℹ\e[0m Not authenticated")]
    [TestCase("frobnicate", "", "\e[31m✗ Error:\e[0m Unknown command: frobnicate")]
    [TestCase("whoami --help", "", "\e[34mℹ\e[0m Help: whoami")]
    public async Task A_terminal_gets_colours(string line, string variables, string text)
    {
        var shown = await RunAsync(line, variables);

        Assert.That(shown, Does.Contain(text));
    }

    [TestCase("whoami", "NO_COLOR=1")]
    [TestCase("whoami", "CLAW_NO_COLOR=1")]
    [TestCase("whoami", "TERM=dumb")]
    [TestCase("whoami", "CI=true")]
    [TestCase("whoami", "FORCE_COLOR=0")]
    [TestCase("frobnicate", "NO_COLOR=1")]
    [TestCase("whoami --json", "")]
    [TestCase("whoami | cat", "")]
    [TestCase("frobnicate 2>&1 | cat", "")]
    public async Task A_terminal_without_colours_and_a_pipe_get_none(string line, string variables)
    {
        var shown = await RunAsync(line, variables);

        Assert.That(shown, Does.Match("Not authenticated|Unknown command").And.Not.Match(Colour()));
    }

    [Test]
    public async Task Server_top_refreshes_its_table_on_a_terminal()
    {
        await using var server = await CliServerDouble.StartAsync();
        var answers = 0;
        server.Answer = _ => (200, $$"""{"ok":true,"by":"messages","seconds":30,"channels":[{"channel":"public.a","count":{{++answers}},"perSecond":1,"error":0}],"others":0,"nodes":["x"]}""");

        await using var script = Start($"-s {server.Url} server top --key k", "");

        await ReadUntilAsync(script, "\e[H\e[2J");
        await ReadUntilAsync(script, "1             1             0  public.a");
        await ReadUntilAsync(script, "\e[H\e[2J");
        await ReadUntilAsync(script, "2             1             0  public.a");
    }

    [Test]
    public async Task A_long_wait_is_shown_and_erased()
    {
        await using var server = await CliServerDouble.StartAsync();
        using var answered = new ManualResetEventSlim();
        server.Answer = _ =>
        {
            answered.Wait(RunningBroker.Patience);
            return (200, "{}");
        };

        await using var script = Start($"-s {server.Url} locks bob", "");
        await ReadUntilAsync(script, $"Waiting for {server.Url} ...");
        answered.Set();

        Assert.That(await script.ReadToEndAsync(), Does.StartWith("\r\e[K\r\n").And.Contain("No locked channels found for bob"));
    }

    [Test]
    public async Task A_wait_is_not_shown_in_a_file()
    {
        await using var server = await CliServerDouble.StartAsync();
        using var answered = new ManualResetEventSlim();
        server.Answer = _ =>
        {
            answered.Wait(RunningBroker.Patience);
            return (200, "{}");
        };

        await using var script = Start($"-s {server.Url} locks bob 2> errors; cat errors", "");
        await Eventually.IsTrueAsync(() => server.Targets.Count == 1);
        // A later process that shows the wait proves that enough time has passed.
        await using var later = Start($"-s {server.Url} locks alice", "");
        await ReadUntilAsync(later, $"Waiting for {server.Url} ...");
        answered.Set();

        Assert.That(await script.ReadToEndAsync(), Does.Contain("No locked channels found for bob").And.Not.Contain("Waiting"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_slow_connection_is_shown_and_erased(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        await using var script = Start($"-s {server.Url} sub c", "");
        var connection = await server.AcceptAsync(cancellation);

        await ReadUntilAsync(script, $"Connecting to {server.Url.Replace("http", "ws", StringComparison.Ordinal)}/connection/websocket ...");
        await connection.WelcomeAsync(cancellation);
        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        await ReadUntilAsync(script, $"\r\e[KListening to c; Ctrl-C ends it\r\n{CliPublication.Line("1")}\r\n");
    }

    [Test, CancelAfter(30_000)]
    public async Task Sub_says_once_that_it_listens_when_every_channel_is_subscribed(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        await using var script = Start($"-s {server.Url} sub a b", "");
        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3001, "restart", cancellation);

        var again = await server.WelcomeNextAsync(cancellation);
        await again.CloseAsync(3500, "the end", cancellation);

        Assert.That((await script.ReadToEndAsync()).Split("Listening to a, b; Ctrl-C ends it\r\n"), Has.Length.EqualTo(2));
    }

    [TestCase("sub c 2>&1 | cat")]
    [TestCase("sub --quiet c")]
    [TestCase("sub --json c")]
    [CancelAfter(30_000)]
    public async Task Sub_says_that_it_listens_only_to_people(string line, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        await using var script = Start($"-s {server.Url} {line}", "");

        await (await server.WelcomeNextAsync(cancellation)).CloseAsync(3500, "the end", cancellation);

        Assert.That(await script.ReadToEndAsync(), Does.Contain("the end").And.Not.Contain("Listening"));
    }

    [TestCase("", "00:00:00  \e[34mc\e[0m  \e[1malice\e[0m\r\n  {\r\n    \"n\": 1.50\r\n  }\r\n")]
    [TestCase("NO_COLOR=1", "00:00:00  c  alice\r\n  {\r\n    \"n\": 1.50\r\n  }\r\n")]
    [CancelAfter(30_000)]
    public async Task A_terminal_gets_publications_as_people_read_them(string variables, string text, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        await using var script = Start($"-s {server.Url} sub --quiet --pretty c", $"TZ=UTC {variables}");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("{\"n\":1.50}"), cancellation);
        await connection.CloseAsync(3500, "the end", cancellation);

        Assert.That(await script.ReadToEndAsync(), Does.StartWith(text));
    }

    [TestCase("sub --quiet --pretty c | cat")]
    [TestCase("sub --quiet --pretty --json c")]
    [TestCase("sub --quiet c")]
    [CancelAfter(30_000)]
    public async Task Pipes_and_programs_get_publications_as_lines(string line, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        await using var script = Start($"-s {server.Url} {line}", "");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("{\"n\":1.50}"), cancellation);
        await connection.CloseAsync(3500, "the end", cancellation);

        Assert.That(await script.ReadToEndAsync(), Does.Contain(CliPublication.Line("{\"n\":1.50}") + "\r\n"), "The error may overtake it on its way through cat.");
    }

    [Test]
    public async Task Validate_does_not_wait_for_typed_input()
    {
        var shown = await RunAsync("validate", "NO_COLOR=1");

        Assert.That(shown, Does.Contain("✗ Error: No input data provided"));
    }

    private async Task<string> RunAsync(string line, string variables)
    {
        await using var script = Start(line, variables);
        return await script.ReadToEndAsync();
    }

    private RunningProcess Start(string line, string variables) => RunningProcess.Start(
        "env",
        [
            // Settings of the build machine must have no effect.
            "-u", "NO_COLOR", "-u", "CLAW_NO_COLOR", "-u", "FORCE_COLOR", "-u", "CI", "-u", "GITHUB_ACTIONS", "-u", "BUILD_NUMBER",
            "-u", "CLAW_API_URL", $"HOME={_home.Folder}", "TERM=xterm", .. variables.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            "script", "-qec", $"{CliProgram.InShell} {line}", "/dev/null",
        ],
        _home.Folder);

    // Not line by line: the expected text has no line end.
    private static async Task ReadUntilAsync(RunningProcess process, string end)
    {
        var text = new StringBuilder();
        var next = new char[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            var read = await process.Output.ReadAsync(next).AsTask().WaitAsync(RunningBroker.Patience);
            Assert.That(read, Is.EqualTo(1), text.ToString());
            text.Append(next);
        }
    }

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Colour();
}
