using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary><c>claw.events ping</c>.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PingCommandTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("")]
    [TestCase("--token wrong")]
    [CancelAfter(60_000)]
    public async Task A_broker_that_answers_is_measured_on_both_ways(string options)
    {
        await using var broker = await CliBroker.StartAsync();

        var result = await CliRun.RunAsync(_home, ["-s", broker.Url, "--json", "ping", "--count", "7", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        var ways = JsonElement.Parse(result.Output).GetProperty("data").GetProperty("ways");
        Assert.That(ways.EnumerateArray().Select(way => way.GetProperty("way").GetString()), Is.EqualTo(new[] { "http", "websocket" }));
        foreach (var way in ways.EnumerateArray())
        {
            double Of(string name) => way.GetProperty(name).GetDouble();
            Assert.That((Of("count"), Of("connectMs") > 0), Is.EqualTo((7d, true)));
            Assert.That((double[])[0, Of("minMs"), Of("medianMs"), Of("maxMs")], Is.Ordered);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Nothing_that_listens_is_an_error()
    {
        var result = await CliRun.RunAsync(_home, "-s", "http://127.0.0.1:9", "ping");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith("✗ Error: Cannot reach http://127.0.0.1:9: Connection refused\nHow to fix:\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_server_that_is_out_of_order_is_an_error()
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (503, "");

        var result = await CliRun.RunAsync(_home, "-s", server.Url, "ping");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Cannot reach {server.Url}: it answers with status 503\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_an_answer_of_the_WebSocket_the_other_way_is_shown_with_the_error()
    {
        await using var broker = await CliBroker.StartAsync();
        _home.Variables["CLAW_WS_URL"] = $"ws://127.0.0.1:{broker.Port}/other";

        var result = await CliRun.RunAsync(_home, "-s", broker.Url, "ping");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Cannot reach ws://127.0.0.1:{broker.Port}/other: it answers with status 404 instead of a WebSocket\n").And.Match(@"\n  http +[\d.]+ +5 "));
    }
}
