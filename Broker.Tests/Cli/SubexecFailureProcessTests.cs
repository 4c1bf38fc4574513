using System.Globalization;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The reports of the built <c>subexec</c> about failing children and invalid command lines.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
internal sealed class SubexecFailureProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task A_command_that_fails_is_reported_and_the_stream_goes_on(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "c", "--", "/bin/sh", "-c", "echo $CLAW_PAYLOAD; exit $CLAW_PAYLOAD");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("3") + "\n" + CliPublication.Push("4"), cancellation);

        Assert.That(await process.ReadLinesAsync(2, cancellation), Is.EqualTo(["3", "4"]));
        await process.WaitForErrorAsync("Command exited with code 3 for event on c\nCommand exited with code 4 for event on c\n", cancellation);
    }

    [Test, CancelAfter(30_000)]
    public async Task Fail_fast_ends_subexec_with_the_first_failure(CancellationToken cancellation)
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
    public async Task Verbose_reports_the_exit_code_of_every_command(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--verbose", "c", "--", "true");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1"), cancellation);

        await process.WaitForErrorAsync("Command exited with code 0 for event on c\n", cancellation);
    }

    [TestCase("--buffer 0 c -- true", "Invalid --buffer value. Must be a positive integer.")]
    [TestCase("--buffer x --timeout x c", "Invalid --buffer value. Must be a positive integer.")]
    [TestCase("--timeout -1 c -- true", "Invalid --timeout value. Must be a positive integer (milliseconds).")]
    [TestCase("--timeout 1.5 c", "Invalid --timeout value. Must be a positive integer (milliseconds).")]
    [TestCase("--quiet-for soon c -- true", "Invalid --quiet-for value. Must be a positive integer (milliseconds).")]
    [TestCase("--max-parallel 0 c -- true", "Invalid --max-parallel value. Must be a positive integer.")]
    [TestCase("c true", "Missing -- separator between channels and command")]
    [TestCase("", "Missing -- separator between channels and command")]
    [TestCase("-- true", "No channels specified")]
    [TestCase("--", "No channels specified")]
    [TestCase("c --", "No command specified after --")]
    [CancelAfter(30_000)]
    public async Task Errors_of_the_command_line_are_reported_in_order(string line, string error, CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, ["subexec", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → "));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private CliProcess Start(CliServerDouble server, params string[] arguments) =>
        CliProcess.Start(_home, ["-s", server.Url, "subexec", .. arguments]);
}
