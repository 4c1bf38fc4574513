using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Where the built client takes its token from.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TokenSourceProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("", "Bearer of-the-file")]
    [TestCase("CLAW_TOKEN", "Bearer of-the-variable")]
    [TestCase("CLAW_TOKEN --token of-the-option", "Bearer of-the-option")]
    [CancelAfter(30_000)]
    public async Task An_option_comes_before_the_variable_and_that_before_the_file(string sources, string expected, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        _home.WriteConfig("""{"token":"of-the-file"}""");
        string[] words = sources.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Contains("CLAW_TOKEN"))
        {
            _home.Variables["CLAW_TOKEN"] = "of-the-variable";
        }

        await CliProcess.RunAsync(_home, cancellation, ["-s", server.Url, .. words.Where(word => word != "CLAW_TOKEN"), "pub", "public.x", "1"]);

        Assert.That(server.Requests.Single().Authorization, Is.EqualTo(expected));
    }

    [TestCase("pub public.x 1")]
    [TestCase("lock agent.a.x")]
    [TestCase("app list")]
    [TestCase("whoami --check")]
    [CancelAfter(30_000)]
    public async Task Every_command_reads_its_token_from_standard_input(string line, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, .. line.Split(' '), "--token", "-"], "from-stdin\n");

        await process.WaitAsync(cancellation);

        Assert.That(server.Requests.Single().Authorization, Is.EqualTo("Bearer from-stdin"));
        Assert.That(File.Exists(_home.ConfigFile), Is.False);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_stream_reads_its_token_from_standard_input_or_the_variable(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var piped = CliProcess.Start(_home, ["-s", server.Url, "-t", "-", "sub", "c"], "from-stdin");
        var first = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);
        _home.Variables["CLAW_TOKEN"] = "of-the-variable";
        using var set = CliProcess.Start(_home, ["-s", server.Url, "sub", "c"]);
        var second = await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation);

        Assert.That(first.Connect, Does.Contain("\"token\":\"from-stdin\""));
        Assert.That(second.Connect, Does.Contain("\"token\":\"of-the-variable\""));
    }

    [TestCase("pub public.x")]
    [TestCase("pub public.x -")]
    [TestCase("validate")]
    [CancelAfter(30_000)]
    public async Task Standard_input_does_not_hold_a_payload_too(string line, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "-", .. line.Split(' ')], "from-stdin");

        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Match("^✗ Error: (Standard input holds the token: pass the payload as words|No input data provided)\nHow to fix:\n"));
        Assert.That(server.Requests, Is.Empty);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_token_that_is_missing_on_standard_input_is_an_error(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "-t", "-", "pub", "public.x", "1");

        Assert.That(result, Is.EqualTo(new CliResult(1, "", "✗ Error: No token on standard input\nHow to fix:\n  → Pipe it in: --token - < token.txt\n")));
    }

    [Test, CancelAfter(30_000)]
    public async Task Logout_says_that_the_variable_stays(CancellationToken cancellation)
    {
        _home.WriteConfig("""{"token":"t"}""");
        _home.Variables["CLAW_TOKEN"] = "of-the-variable";

        var result = await CliProcess.RunAsync(_home, cancellation, "logout");

        Assert.That(result.Output, Does.Contain("  → CLAW_TOKEN is still set: commands use that token until you unset it\n"));
    }
}
