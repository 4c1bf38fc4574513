using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub</c> that ends by itself, and the forms of its lines.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubLimitsProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task It_ends_after_so_many_messages_and_prints_no_more(CancellationToken cancellation)
    {
        var result = await RunAsync(["--count", "2", "--timeout", "20s"], ["1", "2", "3"], cancellation);

        Assert.That(result, Is.EqualTo(new CliResult(0, $"{CliPublication.Line("1")}\n{CliPublication.Line("2")}\n", "")));
    }

    [TestCase("--timeout")]
    [TestCase("--wait")]
    [CancelAfter(30_000)]
    public async Task Too_few_messages_in_time_are_an_error_that_says_how_many_came(string limit, CancellationToken cancellation)
    {
        var result = await RunAsync(["--count", "5", limit, "3s"], ["1", "2"], cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, $"{CliPublication.Line("1")}\n{CliPublication.Line("2")}\n")));
        Assert.That(result.Error, Does.Contain("Only 2 of 5 messages came"));
    }

    [TestCase("--timeout")]
    [TestCase("--wait")]
    [CancelAfter(30_000)]
    public async Task Without_a_count_the_end_in_time_is_a_success(string limit, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var result = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "sub", limit, "500ms", "c");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "")));
    }

    [TestCase("{sender}: {text}", "\"a\\\"b\\n\"", "alice: a\"b\n\n")]
    [TestCase("{channel} {payload} {timestamp} {offset}", "{\"a\": [1]}", "c {\"a\": [1]} 17 9\n")]
    [TestCase("{time}\\t{{{text}}}", "null", "1970-01-01T00:00:00.017Z\t{null}\n")]
    [TestCase("{text}", "\"\\ud800\"", "\"\\ud800\"\n")]
    [CancelAfter(30_000)]
    public async Task A_template_makes_the_line(string template, string payload, string line, CancellationToken cancellation)
    {
        var result = await RunAsync(["--count", "1", "--format", template], [payload], cancellation);

        Assert.That(result, Is.EqualTo(new CliResult(0, line, "")));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_line_can_begin_with_the_message_s_time(CancellationToken cancellation)
    {
        var result = await RunAsync(["--count", "1", "--timestamps"], ["1"], cancellation);

        Assert.That(result.Output, Is.EqualTo($"1970-01-01T00:00:00.017Z {CliPublication.Line("1")}\n"));
    }

    [TestCase("--format", "{name}", "Invalid --format: {name}")]
    [TestCase("--format", "{text", "Invalid --format: {text")]
    [TestCase("--format", "text}", "Invalid --format: text}")]
    [TestCase("--count", "0", "Invalid --count value")]
    [TestCase("--count", "many", "Invalid --count value")]
    [TestCase("--wait", "5", "Invalid --wait value. Must be a time with its unit.")]
    [TestCase("--timeout", "0s", "Invalid --timeout value. Must be a time with its unit.")]
    [CancelAfter(30_000)]
    public async Task An_invalid_value_is_refused(string option, string value, string error, CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "sub", option, value, "c");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Contain(error));
    }

    private async Task<CliResult> RunAsync(string[] options, string[] payloads, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "sub", .. options, "c"]);
        var connection = await server.WelcomeNextAsync(cancellation);
        foreach (var payload in payloads)
        {
            await connection.SendAsync(CliPublication.Push(payload, offset: 9), cancellation);
        }
        return await process.WaitAsync(cancellation);
    }
}
