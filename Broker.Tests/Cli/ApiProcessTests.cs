using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built program against a server with scripted answers: its requests, and its reaction to every kind of answer.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ApiProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(20_000)]
    public async Task Dev_register_saves_name_and_token_and_shows_no_token(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, """{"token":"secret-token","username":"alice","hint":"x"}""");

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "dev-register", "--user", "alice");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(server.Requests, Is.EqualTo([new CliRequest("POST", "/auth/dev-register", "", """{"username":"alice"}""")]));
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Does.Contain("✓ Development registration completed\n\n• username   : alice\n• configPath : "));
            Assert.That(result.Output + result.Error, Does.Not.Contain("secret-token"));
            Assert.That(File.ReadAllText(_home.ConfigFile), Does.Contain("\"token\": \"secret-token\""));
        }
    }

    [TestCase("hello world", "\"hello world\"")]
    [TestCase("42", "42")]
    [TestCase("""{"a":[1,2]}""", """{"a":[1,2]}""")]
    [CancelAfter(20_000)]
    public async Task Pub_sends_the_words_with_the_token(string words, string payload, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();

        string[] arguments = ["-s", server.Url, "-t", "tok", "pub", "public.x", .. words.Split(' ')];
        var result = await CliProcess.RunAsync(_home, cancellation, arguments);

        Assert.That(result.Output, Does.StartWith("\n✓ Message published successfully\n\n• channel : public.x\n• payload :"));
        Assert.That(
            server.Requests,
            Is.EqualTo([new CliRequest("POST", "/api/publish", "Bearer tok", $$"""{"channel":"public.x","payload":{{payload}}}""")]));
    }

    [TestCase("{\"a\":1}\n", "{\"a\":1}", "pub public.x -")]
    [TestCase("some text\n", "\"some text\"", "pub public.x -")]
    [TestCase("some text\n", "\"some text\"", "pub public.x")]
    [TestCase("", "null", "pub public.x")]
    [CancelAfter(20_000)]
    public async Task Pub_reads_a_pipe_when_there_are_no_words_or_a_dash(string input, string payload, string line, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();

        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "tok", .. line.Split(' ')], input);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(server.Requests.Single().Body, Is.EqualTo($$"""{"channel":"public.x","payload":{{payload}}}"""));
    }

    [Test, CancelAfter(20_000)]
    public async Task Pub_with_a_dash_requires_input(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();

        using var process = CliProcess.Start(_home, ["-s", server.Url, "-t", "tok", "pub", "public.x", "-"], "");
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output, server.Requests.Count), Is.EqualTo((1, "", 0)));
        Assert.That(result.Error, Does.StartWith("✗ Error: No input data provided\nHow to fix:\n  → "));
    }

    [TestCase(400, """{"error":"invalid channel format"}""", "Failed to publish to channel: public.x is not a channel name")]
    [TestCase(401, """{"error":"Invalid or expired token"}""", "Failed to publish to channel: Invalid or expired token")]
    [TestCase(403, """{"error":"no"}""", "Failed to publish to channel: no")]
    [TestCase(413, """{"error":"big"}""", "Failed to publish to channel: big")]
    [TestCase(502, "<html>\nBad gateway</html>", "Failed to publish to channel: status 502")]
    [TestCase(503, "", "Failed to publish to channel: status 503")]
    [TestCase(429, """{"error":"x"}""", "Rate limit exceeded. Too many requests.")]
    [CancelAfter(20_000)]
    public async Task A_refusal_is_one_line_and_a_next_step(int status, string body, string error, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (status, body);

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "-t", "tok", "pub", "public.x", "1");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}\nHow to fix:\n  → "));
    }

    [TestCase("<html>a portal</html>")]
    [TestCase("")]
    [TestCase("[1]")]
    [CancelAfter(20_000)]
    public async Task A_success_without_a_json_object_is_an_error(string body, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, body);

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "-t", "tok", "pub", "public.x", "1");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Unexpected answer from {server.Url}: status 200 without a JSON object\n"));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_rate_limit_is_remembered_by_the_next_run(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var until = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds();
        server.Answer = _ => (429, $$"""{"error":"rate limit exceeded","retry_after":1,"retry_timestamp":{{until}}}""");

        var first = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "-t", "tok", "pub", "public.x", "1");
        var second = await CliProcess.RunAsync(_home, cancellation, "-s", server.Url, "-t", "tok", "pub", "public.x", "2");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Error, Does.StartWith("✗ Error: Server rate limit exceeded. You must wait 3"));
            Assert.That(second.Error, Does.StartWith("✗ Error: Rate limit active. You must wait 3"));
            Assert.That(server.Requests, Has.Count.EqualTo(1));
        }
    }
}
