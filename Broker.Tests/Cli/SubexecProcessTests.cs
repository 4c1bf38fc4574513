using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>subexec</c> against a server that does exactly what the test says. Children are <c>/bin/sh</c>; what they
/// print is the client's own stdout.</summary>
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
            await ReadLinesAsync(process, 12, cancellation),
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

    [Test, CancelAfter(30_000)]
    public async Task A_message_is_never_part_of_a_script(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--shell", "c", "--", "echo \"$1\";", "echo", "$0");
        var connection = await server.WelcomeNextAsync(cancellation);
        var hostile = "\"'; touch $HOME/owned; $(touch $HOME/owned) `touch $HOME/owned` \\\" && echo owned\"";

        await connection.SendAsync(CliPublication.Push(hostile), cancellation);

        Assert.That(
            await ReadLinesAsync(process, 2, cancellation), Is.EqualTo([CliPublication.Line(hostile), "claw.events"]));
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
    public async Task A_full_buffer_is_one_batch_and_the_rest_goes_at_the_end(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--buffer", "2", "c", "--", "/bin/sh", "-c", "echo \"$0\"; echo \"$CLAW_COUNT $CLAW_PAYLOAD\"");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(string.Join('\n', Enumerable.Range(1, 3).Select(i => CliPublication.Push(Text(i)))), cancellation);
        var batch = await ReadBatchAsync(process, cancellation);
        var first = await process.ReadLineAsync(cancellation);
        await process.SignalAsync("TERM", cancellation);
        var rest = await ReadBatchAsync(process, cancellation);
        var result = await process.WaitAsync(cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(batch, Is.EqualTo("2: 1 2"));
            Assert.That(first, Is.EqualTo("2 [1,2]"));
            Assert.That(rest, Is.EqualTo("1: 3"));
            Assert.That(result.ExitCode, Is.EqualTo(143));
            Assert.That(result.Output, Is.EqualTo("1 [3]\n"));
        }
    }

    [TestCase("--timeout")]
    [TestCase("--max-wait")]
    [CancelAfter(30_000)]
    public async Task A_batch_ends_by_its_time(string option, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, option, "200", "c", "--", "echo");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);

        Assert.That(await ReadBatchAsync(process, cancellation), Is.EqualTo("2: 1 2"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_command_that_fails_is_reported_and_the_stream_goes_on(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "echo $CLAW_PAYLOAD; exit $CLAW_PAYLOAD");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("3") + "\n" + CliPublication.Push("4"), cancellation);

        Assert.That(await ReadLinesAsync(process, 2, cancellation), Is.EqualTo(["3", "4"]));
        await process.WaitForErrorAsync("Command exited with code 3 for event on c\nCommand exited with code 4 for event on c\n", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task Fail_fast_ends_it_with_the_first_failure(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--fail-fast", "c", "--", "/bin/sh", "-c", "echo $CLAW_PAYLOAD; exit $CLAW_PAYLOAD");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(string.Join('\n', Enumerable.Range(0, 4).Select(i => CliPublication.Push(Text(i)))), cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "0\n1\n")));
        Assert.That(result.Error, Does.StartWith("Not handed over: 2 messages\n✗ Error: Command exited with code 1 for event on c\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_command_that_cannot_be_started_is_reported_each_time(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--quiet", "c", "--", "no-such-program");
        var connection = await server.WelcomeNextAsync(cancellation);
        const string Line = "Failed to execute command for event on c: No such file or directory\n";

        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);

        await process.WaitForErrorAsync(Line + Line, cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task Verbose_tells_the_exit_code_of_every_command(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--verbose", "c", "--", "true");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        await process.WaitForErrorAsync("Command exited with code 0 for event on c\n", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task What_no_argument_can_hold_is_said_and_goes_through_stdin(CancellationToken cancellation)
    {
        const string Script = "echo \"$# $(cat | wc -c) ${#1} ${CLAW_PAYLOAD:-none}\"";
        var fits = $"\"{new string('x', 64 * 1024)}\"";
        var large = $"\"{new string('x', 140_000)}\"";
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--stdin", "c", "--", "/bin/sh", "-c", Script, "sh");
        using var plain = Start(server, "c", "--", "/bin/sh", "-c", "echo ${#1}", "sh");
        var first = await server.WelcomeNextAsync(cancellation);
        var second = await server.WelcomeNextAsync(cancellation);

        foreach (var connection in new[] { first, second })
        {
            await connection.SendAsync(CliPublication.Push(large) + "\n" + CliPublication.Push(fits), cancellation);
        }

        var lines = await ReadLinesAsync(process, 2, cancellation);
        Assert.That(lines[0], Is.EqualTo($"0 {CliPublication.Line(large).Length + 1} 0 none"));
        Assert.That(lines[1], Does.StartWith($"1 {CliPublication.Line(fits).Length + 1} {CliPublication.Line(fits).Length} \"xxx"));
        Assert.That(await plain.ReadLineAsync(cancellation), Is.EqualTo(Text(CliPublication.Line(fits).Length)));
        await plain.WaitForErrorAsync(
            $"Not handed over: event on c: {CliPublication.Line(large).Length} bytes do not fit into an argument, which holds 131071; use --stdin\n",
            cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task Children_run_side_by_side_when_they_may(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        // Each waits until the other has started.
        using var process = Start(
            server, "--max-parallel", "2", "c", "--", "/bin/sh", "-c",
            "touch \"$HOME/$CLAW_PAYLOAD\"; while [ ! -e \"$HOME/1\" ] || [ ! -e \"$HOME/2\" ]; do sleep 0.05; done; echo $CLAW_PAYLOAD");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);

        Assert.That(await ReadLinesAsync(process, 2, cancellation), Is.EquivalentTo(["1", "2"]));
    }

    [Test, CancelAfter(30_000)]
    public async Task What_was_taken_is_handed_over_before_the_end(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "echo $CLAW_PAYLOAD; while [ ! -e \"$HOME/go\" ]; do sleep 0.05; done");
        var connection = await server.WelcomeNextAsync(cancellation);
        await connection.SendAsync(string.Join('\n', Enumerable.Range(1, 3).Select(i => CliPublication.Push(Text(i)))), cancellation);
        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo("1"));

        await process.SignalAsync("TERM", cancellation);
        await process.WaitForErrorAsync("Handing over 2 messages before the end; another signal ends it at once\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(_home.Folder, "go"), "", cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((143, "2\n3\n")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_second_signal_ends_it_at_once(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "echo started >&2; exec >&- 2>&-; while [ ! -e \"$HOME/go\" ]; do sleep 0.05; done");
        var connection = await server.WelcomeNextAsync(cancellation);
        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);
        await process.WaitForErrorAsync("started\n", cancellation);

        await process.SignalAsync("INT", cancellation);
        await process.WaitForErrorAsync("Handing over 1 message before the end", cancellation);
        await process.SignalAsync("INT", cancellation);
        var exitCode = await process.WaitForExitAsync(cancellation);
        await File.WriteAllTextAsync(Path.Combine(_home.Folder, "go"), "", cancellation);

        Assert.That(exitCode, Is.EqualTo(130));
        await process.WaitForErrorAsync("Not handed over: 1 message\n", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task Commands_that_fall_far_behind_cost_a_connection_and_no_message(CancellationToken cancellation)
    {
        const int Count = 70;
        var payload = $"\"{new string('x', 1024 * 1024)}\"";
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(
            server, "--stdin", "c", "--", "/bin/sh", "-c", "while [ ! -e \"$HOME/go\" ]; do sleep 0.05; done; wc -c");
        var first = await server.AcceptAsync(cancellation);
        await first.WelcomeAsync(cancellation, """{"recoverable":true,"epoch":"e"}""");
        await first.SendUntilLeftAsync(number => CliPublication.Push(payload, number), Count, cancellation);
        await process.WaitForErrorAsync("The commands are 64 MiB of messages behind: disconnected until half of it is gone\n", cancellation);

        await File.WriteAllTextAsync(Path.Combine(_home.Folder, "go"), "", cancellation);
        var second = await server.AcceptAsync(cancellation);
        var position = await second.WelcomeRecoveringAsync(cancellation);
        for (var offset = position + 1; offset <= Count; offset++)
        {
            await second.SendAsync(CliPublication.Push(payload, offset), cancellation);
        }

        Assert.That(position, Is.GreaterThan(50));
        Assert.That(
            await ReadLinesAsync(process, Count, cancellation), Is.All.EqualTo(Text(CliPublication.Line(payload).Length + 1)));
    }

    [TestCase("--buffer 0 c -- true", "Invalid --buffer value. Must be a positive integer.")]
    [TestCase("--buffer x --timeout x c", "Invalid --buffer value. Must be a positive integer.")]
    [TestCase("--timeout -1 c -- true", "Invalid --timeout value. Must be a positive integer (milliseconds).")]
    [TestCase("--timeout 1.5 c", "Invalid --timeout value. Must be a positive integer (milliseconds).")]
    [TestCase("--max-wait soon c -- true", "Invalid --max-wait value. Must be a positive integer (milliseconds).")]
    [TestCase("--max-parallel 0 c -- true", "Invalid --max-parallel value. Must be a positive integer.")]
    [TestCase("c true", "Missing -- separator between channels and command")]
    [TestCase("", "Missing -- separator between channels and command")]
    [TestCase("-- true", "No channels specified")]
    [TestCase("--", "No channels specified")]
    [TestCase("c --", "No command specified after --")]
    [CancelAfter(30_000)]
    public async Task What_cannot_work_is_said_in_its_order(string line, string error, CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, ["subexec", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → "));
    }

    private static async Task<List<string?>> ReadLinesAsync(CliProcess process, int count, CancellationToken cancellation)
    {
        var lines = new List<string?>();
        while (lines.Count < count)
        {
            lines.Add(await process.ReadLineAsync(cancellation));
        }
        return lines;
    }

    /// <summary>A batch as <c>count: payload payload</c>.</summary>
    private static async Task<string> ReadBatchAsync(CliProcess process, CancellationToken cancellation)
    {
        using var json = JsonDocument.Parse((await process.ReadLineAsync(cancellation))!);
        var batch = json.RootElement;
        var payloads = batch.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("payload").GetRawText());
        Assert.That(batch.GetProperty("batch").GetBoolean(), Is.True);
        Assert.That(batch.GetProperty("timestamp").GetInt64(), Is.GreaterThan(1_700_000_000_000));
        return $"{batch.GetProperty("count").GetInt32()}: {string.Join(' ', payloads)}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private CliProcess Start(CliServerDouble server, params string[] arguments) =>
        CliProcess.Start(_home, ["-s", server.Url, "subexec", .. arguments]);
}
