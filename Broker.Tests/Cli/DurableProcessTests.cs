using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub --durable</c> and <c>subexec --durable</c> on a channel with history of the real broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class DurableProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task Sub_continues_after_its_end_with_what_was_published_meanwhile(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        using (var first = Sub(broker, "--verbose"))
        {
            await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
            await PublishAsync(broker, 1, 2, cancellation);
            Assert.That(await first.ReadLinesAsync(2, cancellation), Is.EqualTo(["1", "2"]));
            await first.SignalAsync("TERM", cancellation);
            Assert.That(await first.WaitForExitAsync(cancellation), Is.EqualTo(143));
        }

        await PublishAsync(broker, 3, 2_000, cancellation);
        using var second = Sub(broker);

        Assert.That(await second.ReadLinesAsync(1_998, cancellation), Is.EqualTo(Enumerable.Range(3, 1_998).Select(number => $"{number}")));
    }

    [Test, CancelAfter(60_000)]
    public async Task Sub_repeats_after_a_crash_only_what_its_cursor_did_not_reach(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        using (var first = Sub(broker, "--verbose"))
        {
            await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
            await PublishAsync(broker, 1, 500, cancellation);
            await first.ReadLinesAsync(500, cancellation);
            await Eventually.IsTrueAsync(() => File.ReadAllText(Cursor).Contains("\"offset\":500,", StringComparison.Ordinal));
            await first.SignalAsync("KILL", cancellation);
            await first.WaitForExitAsync(cancellation);
        }

        await PublishAsync(broker, 501, 501, cancellation);
        using var second = Sub(broker);

        Assert.That(await second.ReadLineAsync(cancellation), Is.EqualTo("501"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_gap_is_a_line_of_json_between_the_messages(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(historySize: 5);
        using (var first = Sub(broker, "--count", "1", "--verbose"))
        {
            await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
            await PublishAsync(broker, 1, 1, cancellation);
            Assert.That((await first.WaitAsync(cancellation)).Output, Is.EqualTo("1\n"));
        }

        await PublishAsync(broker, 2, 20, cancellation);
        using var second = Sub(broker);
        var lines = await second.ReadLinesAsync(6, cancellation);

        Assert.That(lines[0], Does.Match("""^{"gap":true,"channel":"jobs:a","reason":"dropped","missed":14,"after":{"epoch":"[^"]+","offset":1},"next":{"epoch":"[^"]+","offset":15}}$"""));
        Assert.That(lines.Skip(1), Is.EqualTo(["16", "17", "18", "19", "20"]));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_server_that_has_lost_its_memory_is_a_gap_and_its_new_history_is_printed(CancellationToken cancellation)
    {
        int port;
        await using (var broker = await StartBrokerAsync())
        {
            port = broker.Port;
            using var first = Sub(broker, "--count", "1", "--verbose");
            await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
            await PublishAsync(broker, 1, 1, cancellation);
            await first.WaitAsync(cancellation);
        }

        await using var another = await StartBrokerAsync(port: port);
        await PublishAsync(another, 7, 9, cancellation);
        using var second = Sub(another);
        var lines = await second.ReadLinesAsync(4, cancellation);

        Assert.That(lines[0], Does.StartWith("""{"gap":true,"channel":"jobs:a","reason":"reset","after":"""));
        Assert.That(lines.Skip(1), Is.EqualTo(["7", "8", "9"]));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_second_process_of_the_same_name_is_refused(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        using var first = Sub(broker, "--verbose");
        await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);

        var second = await Sub(broker).WaitAsync(cancellation);

        Assert.That((second.ExitCode, second.Output), Is.EqualTo((1, "")));
        Assert.That(second.Error, Does.Contain("The durable consumer reader is in use by another process"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_command_that_fails_is_run_again_and_later_messages_wait(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        using var process = Subexec(broker, ["--verbose"], """echo "$CLAW_PAYLOAD $CLAW_OFFSET $CLAW_ATTEMPT"; [ $CLAW_PAYLOAD -ne 2 ] || [ $CLAW_ATTEMPT -eq 2 ]""");
        await process.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);

        await PublishAsync(broker, 1, 3, cancellation);

        Assert.That(await process.ReadLinesAsync(4, cancellation), Is.EqualTo(["1 1 1", "2 2 1", "2 2 2", "3 3 1"]));
        await process.WaitForErrorAsync("Command exited with code 1 for event on jobs:a; attempt 2 in ", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_message_that_is_given_up_becomes_a_dead_letter_in_a_private_file(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        using var process = Subexec(broker, ["--verbose", "--max-attempts", "2"], "[ $CLAW_PAYLOAD -ne 1 ] && echo $CLAW_PAYLOAD");
        await process.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);

        await PublishAsync(broker, 1, 2, cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo("2"));
        var file = Path.ChangeExtension(Cursor, ".dead.jsonl");
        Assert.That(await File.ReadAllTextAsync(file, cancellation), Does.Match(
            """^{"event":{"channel":"jobs:a","sender":"unknown","payload":1,"timestamp":\d+},"positions":\[{"channel":"jobs:a","epoch":"[^"]+","offset":1}\],"attempts":2,"error":"Command exited with code 1 for event on jobs:a","givenUpAt":\d+}\n$"""));
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await process.WaitForErrorAsync($"given up, kept in {file}\n", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_dead_letter_can_go_to_a_channel(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        Assert.That((await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "dev-register", "--user", "alice")).ExitCode, Is.Zero);
        using var dead = CliProcess.Start(_home, ["-s", broker.Url, "sub", "--verbose", "--format", "{sender} {payload}", "agent.alice.dead"]);
        await dead.WaitForErrorAsync("Subscribed to agent.alice.dead\n", cancellation);
        using var process = Subexec(broker, ["--verbose", "--max-attempts", "1", "--dead-letter-channel", "agent.alice.dead"], "exit 3");
        await process.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);

        await PublishAsync(broker, 1, 1, cancellation);

        Assert.That(await dead.ReadLineAsync(cancellation), Does.StartWith("""alice {"event":{"channel":"jobs:a","sender":"unknown","payload":1,""").And.Contain("\"error\":\"Command exited with code 3"));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_waits_for_a_command_at_the_end_is_handed_over_after_the_next_start(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        var gate = Path.Combine(_home.Folder, "gate");
        using (var first = Subexec(broker, ["--verbose"], $"echo $CLAW_PAYLOAD; while [ ! -e {gate} ]; do sleep 0.01; done"))
        {
            await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
            await PublishAsync(broker, 1, 5, cancellation);
            await first.ReadLineAsync(cancellation);
            await first.SignalAsync("TERM", cancellation);
            await first.WaitForErrorAsync("4 messages will be handed over after the next start\n", cancellation);
            await File.WriteAllTextAsync(gate, "", cancellation);
            Assert.That((await first.WaitAsync(cancellation)).Output, Is.Empty);
        }

        using var second = Subexec(broker, [], "echo $CLAW_PAYLOAD");

        Assert.That(await second.ReadLinesAsync(4, cancellation), Is.EqualTo(["2", "3", "4", "5"]));
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task A_cursor_that_cannot_be_saved_ends_the_stream(bool runsCommands, CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        using var process = runsCommands ? Subexec(broker, ["--verbose"], "echo $CLAW_PAYLOAD") : Sub(broker, "--verbose");
        await process.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
        var folder = Path.GetDirectoryName(Cursor)!;
        Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(folder, "", cancellation);

        await PublishAsync(broker, 1, 1, cancellation);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "1\n")));
        Assert.That(result.Error, Does.Contain("Cannot save how far the durable consumer has come: "));
    }

    [TestCase("--max-attempts 2", "--max-attempts needs --durable")]
    [TestCase("--dead-letter-file f", "--dead-letter-file needs --durable")]
    [TestCase("--durable d --dead-letter-file f --dead-letter-channel c", "--dead-letter-file and --dead-letter-channel exclude each other")]
    [TestCase("--durable d --max-attempts 0", "Invalid --max-attempts value")]
    [TestCase("--key payload.id --buffer 3", "--key and batches exclude each other")]
    [TestCase("--key id", "Invalid --key value: id")]
    [TestCase("--durable a/b", "Invalid --durable name: a/b")]
    [CancelAfter(30_000)]
    public async Task Options_that_make_no_sense_are_refused(string options, string error, CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, ["subexec", .. options.Split(' '), "c", "--", "true"]);

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain(error));
    }

    private string Cursor => Path.Combine(Path.GetDirectoryName(_home.ConfigFile)!, "durable", "reader.json");

    private CliProcess Sub(CliBroker broker, params string[] options) =>
        CliProcess.Start(_home, ["-s", broker.Url, "sub", "--durable", "reader", "--format", "{payload}", .. options, "jobs:a"]);

    private CliProcess Subexec(CliBroker broker, string[] options, string script) =>
        CliProcess.Start(_home, ["-s", broker.Url, "subexec", "--durable", "reader", .. options, "jobs:a", "--", "/bin/sh", "-c", script]);

    private static Task<CliBroker> StartBrokerAsync(int historySize = 5_000, int port = 0) => CliBroker.StartAsync(port, settings => settings with
    {
        Namespaces = TestNamespaces.Of(("jobs", TestNamespaces.History with { AllowRecovery = true, HistorySize = historySize })),
    });

    private static Task PublishAsync(CliBroker broker, int first, int last, CancellationToken cancellation) =>
        broker.PublishNumbersAsync("jobs:a", first, last, cancellation);
}
