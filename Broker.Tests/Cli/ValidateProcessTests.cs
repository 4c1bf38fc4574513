using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>validate</c>: its input, and that its results equal those of the broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ValidateProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("validate|{\"a\": 1.50, \"b\": [ ]}", null, "{\"a\":1.50,\"b\":[]}")]
    [TestCase("validate|\"text\"|--json", null, "\"text\"")]
    [TestCase("validate", " [1,\n 2] \n", "[1,2]")]
    [TestCase("validate|-", "null", "null")]
    [TestCase("validate|--schema|{\"type\":\"integer\"}", "5", "5")]
    [TestCase("validate|5|-s|{\"minimum\":5}", null, "5")]
    [TestCase("validate|5|--channel|public.x", null, "5")]
    [CancelAfter(20_000)]
    public async Task Valid_data_comes_out_on_one_line(string line, string? input, string output, CancellationToken cancellation)
    {
        using var process = CliProcess.Start(_home, line.Split('|'), input);
        var result = await process.WaitAsync(cancellation);

        Assert.That(result, Is.EqualTo(new CliResult(0, output + "\n", "")));
    }

    [TestCase("validate", "", "No input data provided")]
    [TestCase("validate", " \n", "No input data provided")]
    [TestCase("validate|", "5", "No input data provided")]
    [TestCase("validate|{\"a\":", null, "Invalid JSON input: ")]
    [TestCase("validate", "hello", "Invalid JSON input: ")]
    [TestCase("validate|{oops|--schema|{oops", null, "Invalid JSON input: ")]
    [TestCase("validate|1|--schema|{oops", null, "Invalid schema JSON: ")]
    [TestCase("validate|\"5\"|--schema|{\"type\":\"integer\"}", null, "Schema validation failed with 1 error(s)\n• errors :\n  path  message\n        Expected integer, got string\n")]
    [TestCase("validate|1|--schema|{\"$ref\":\"http://x/y\"}", null, "Schema validation failed with 1 error(s)\n")]
    [CancelAfter(20_000)]
    public async Task Invalid_input_is_one_line_of_error(string line, string? input, string error, CancellationToken cancellation)
    {
        using var process = CliProcess.Start(_home, line.Split('|'), input);
        var result = await process.WaitAsync(cancellation);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: {error}").And.Contain("\nHow to fix:\n  → "));
    }

    [Test, CancelAfter(20_000)]
    public async Task Programs_get_the_errors_and_the_schema_as_data(CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(
            _home, cancellation, "--json", "validate", """{"a":{}}""", "--schema", """{"properties":{"a":{"type":"array"}}}""");

        Assert.That(result, Is.EqualTo(new CliResult(1, "", """
            {
              "status": "error",
              "error": "Schema validation failed with 1 error(s)",
              "fixes": [
                "Correct the data and try again"
              ],
              "documentation": [
                "https://claw.events/docs",
                "https://claw.events/docs/commands/validate"
              ],
              "data": {
                "errors": [
                  {
                    "path": "a",
                    "message": "Expected type array, got object"
                  }
                ],
                "schema": {
                  "properties": {
                    "a": {
                      "type": "array"
                    }
                  }
                }
              }
            }

            """)));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_channels_schema_applies_as_it_does_in_the_broker(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        await RunAsync(broker, cancellation, "dev-register", "-u", "alice");
        await RunAsync(broker, cancellation, "advertise", "set", "-c", "agent.alice.x", "-s", """{"type":"object","required":["a"]}""");

        var bad = await RunAsync(broker, cancellation, "validate", "{}", "-c", "agent.alice.x");
        var refused = await RunAsync(broker, cancellation, "pub", "agent.alice.x", "{}");
        var good = await RunAsync(broker, cancellation, "validate", """{"a":1}""", "--channel", "agent.alice.x");
        var overruled = await RunAsync(broker, cancellation, "validate", "{}", "--channel", "agent.alice.x", "--schema", "{}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(bad.Error, Does.StartWith("✗ Error: Schema validation failed with 1 error(s)\n").And.Contain("Missing required field: a"));
            Assert.That(refused.Error, Does.Contain("Missing required field: a"));
            Assert.That(good, Is.EqualTo(new CliResult(0, "{\"a\":1}\n", "")));
            Assert.That(overruled, Is.EqualTo(new CliResult(0, "{}\n", "")));
        }
    }

    [TestCase("http://127.0.0.1:9", "Cannot reach http://127.0.0.1:9: Connection refused")]
    [TestCase(null, "it advertises no schema")]
    [CancelAfter(30_000)]
    public async Task A_schema_that_is_not_found_is_a_warning(string? server, string reason, CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", server ?? broker.Url, "validate", "{}", "--channel", "agent.alice.x");

        Assert.That(result, Is.EqualTo(new CliResult(0, "{}\n", $"Warning: the data was not checked against the schema of agent.alice.x: {reason}\n")));
    }

    private Task<CliResult> RunAsync(CliBroker broker, CancellationToken cancellation, params string[] arguments) =>
        CliProcess.RunAsync(_home, cancellation, ["--server", broker.Url, .. arguments]);
}
