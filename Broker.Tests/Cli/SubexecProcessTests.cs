using System.Globalization;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The input that the built <c>subexec</c> gives to its children, against a scripted server. Children are
/// <c>/bin/sh</c>; their output goes to the client's own stdout.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
internal sealed class SubexecProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task Each_message_is_the_last_argument_of_a_command(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "for word; do echo \"$word\"; done", "sh", "-j", "-s", "X", "--", "--help");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("\"two\""), cancellation);

        string[] own = ["-j", "-s", "X", "--", "--help"];
        Assert.That(
            await process.ReadLinesAsync(12, cancellation),
            Is.EqualTo([.. own, CliPublication.Line("1"), .. own, CliPublication.Line("\"two\"")]));
    }

    [Test, CancelAfter(30_000)]
    public async Task The_parts_of_a_message_are_in_the_environment(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(
            server, "c", "--", "/bin/sh", "-c", "echo \"$CLAW_CHANNEL|$CLAW_SENDER|$CLAW_TIMESTAMP|$CLAW_PAYLOAD|$CLAW_COUNT\"");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("""{"a": "b c"}"""), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo("""c|alice|17|{"a": "b c"}|1"""));
    }

    [TestCase("", "end")]
    [TestCase("--stdin", "{\"channel\":\"c\",\"sender\":\"alice\",\"payload\":1,\"timestamp\":17} end")]
    [CancelAfter(30_000)]
    public async Task Standard_input_is_empty_unless_it_is_asked_for(string option, string output, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        string[] options = option.Length > 0 ? [option] : [];
        using var process = Start(server, [.. options, "c", "--", "/bin/sh", "-c", "while read line; do printf '%s ' \"$line\"; done; echo end"]);
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo(output));
    }

    [TestCase("--stdin", "0 none ")]
    [TestCase("--stdin --argument", "1 {\"channel\":\"c\",\"sender\":\"alice\",\"payload\":1,\"timestamp\":17} ")]
    [TestCase("--stdin --shell", "0 none ")]
    [TestCase("", "1 {\"channel\":\"c\",\"sender\":\"alice\",\"payload\":1,\"timestamp\":17} ")]
    [CancelAfter(30_000)]
    public async Task Standard_input_takes_the_place_of_the_argument_unless_both_are_asked_for(
        string options, string output, CancellationToken cancellation)
    {
        const string Script = "printf '%s %s ' $# \"${1:-none}\"; cat; echo \";$CLAW_PAYLOAD\"";
        await using var server = await CliServerDouble.StartAsync();
        string[] words = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] command = words.Contains("--shell") ? [Script] : ["/bin/sh", "-c", Script, "sh"];
        using var process = Start(server, [.. words, "c", "--", .. command]);
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        string[] expected = words.Length > 0 ? [output + CliPublication.Line("1"), ";1"] : [output + ";1"];
        Assert.That(await process.ReadLinesAsync(expected.Length, cancellation), Is.EqualTo(expected));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_message_is_never_part_of_a_script(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--shell", "c", "--", "echo \"$1\";", "echo", "$0");
        var connection = await server.WelcomeNextAsync(cancellation);
        var hostile = "\"'; touch $HOME/owned; $(touch $HOME/owned) `touch $HOME/owned` \\\" && echo owned\"";

        await connection.SendAsync(CliPublication.Push(hostile), cancellation);

        Assert.That(
            await process.ReadLinesAsync(2, cancellation), Is.EqualTo([CliPublication.Line(hostile), "claw.events"]));
        Assert.That(File.Exists(Path.Combine(_home.Folder, "owned")), Is.False);
    }

    [Test, CancelAfter(30_000)]
    public async Task Without_a_shell_nothing_is_expanded(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "echo", "$HOME *");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo($"$HOME * {CliPublication.Line("1")}"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_message_too_large_for_an_argument_is_reported_and_fits_stdin(CancellationToken cancellation)
    {
        const string Script = "echo \"$# $(cat | wc -c) ${#1} ${CLAW_PAYLOAD:-none}\"";
        var fits = $"\"{new string('x', 64 * 1024)}\"";
        var large = $"\"{new string('x', 140_000)}\"";
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--stdin", "--argument", "c", "--", "/bin/sh", "-c", Script, "sh");
        using var plain = Start(server, "c", "--", "/bin/sh", "-c", "echo ${#1}", "sh");
        var first = await server.WelcomeNextAsync(cancellation);
        var second = await server.WelcomeNextAsync(cancellation);

        foreach (var connection in new[] { first, second })
        {
            await connection.SendAsync(CliPublication.Push(large) + "\n" + CliPublication.Push(fits), cancellation);
        }

        var lines = await process.ReadLinesAsync(2, cancellation);
        Assert.That(lines[0], Is.EqualTo($"0 {CliPublication.Line(large).Length + 1} 0 none"));
        Assert.That(lines[1], Does.StartWith($"1 {CliPublication.Line(fits).Length + 1} {CliPublication.Line(fits).Length} \"xxx"));
        Assert.That(await plain.ReadLineAsync(cancellation), Is.EqualTo(Text(CliPublication.Line(fits).Length)));
        await plain.WaitForErrorAsync(
            $"Not handed over: event on c: {CliPublication.Line(large).Length} bytes exceed the limit of 131071 for an argument; use --stdin\n",
            cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task Children_run_side_by_side_when_they_may(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        // Each waits until the other has started.
        using var process = Start(
            server, "--max-parallel", "2", "c", "--", "/bin/sh", "-c",
            "touch \"$HOME/$CLAW_PAYLOAD\"; while [ -d \"$HOME\" ] && { [ ! -e \"$HOME/1\" ] || [ ! -e \"$HOME/2\" ]; }; do sleep 0.05; done; echo $CLAW_PAYLOAD");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);

        Assert.That(await process.ReadLinesAsync(2, cancellation), Is.EquivalentTo(["1", "2"]));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private CliProcess Start(CliServerDouble server, params string[] arguments) =>
        CliProcess.Start(_home, ["-s", server.Url, "subexec", .. arguments]);
}
