using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The commands for operators, against a real broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ServerProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task Drain_sends_the_clients_away_waits_for_them_and_can_be_undone(CancellationToken cancellation)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { Listeners = options.Listeners with { DrainDelay = TimeSpan.FromMilliseconds(300) } });
        var client = await broker.ConnectAsync();
        _home.Variables["CENTRIFUGO_API_KEY"] = RunningBroker.Key;

        using var draining = CliProcess.Start(_home, ["-s", $"{broker.Url}", "server", "drain", "--wait"]);
        var close = await client.ReadCloseAsync();
        await client.DisposeAsync();
        var drained = await draining.WaitAsync(cancellation);
        var status = await RunAsync(broker, "--status", "--json");
        var cancelled = await RunAsync(broker, "--cancel", "--json");

        Assert.That(close, Is.EqualTo((3001, "shutdown")));
        Assert.That(drained.ExitCode, Is.Zero, drained.Error);
        Assert.That(drained.Output, Does.Contain("✓ The node is drained"));
        Assert.That(PhaseIn(status), Is.EqualTo("drained"));
        Assert.That(PhaseIn(cancelled), Is.EqualTo("serving"));
        await broker.ConnectAsync();
    }

    [Test]
    public async Task Drain_needs_the_right_key()
    {
        await using var broker = await RunningBroker.StartAsync();

        var none = await RunAsync(broker);
        var wrong = await RunAsync(broker, "--key", "another");

        Assert.That((none.ExitCode, wrong.ExitCode), Is.EqualTo((1, 1)));
        Assert.That(none.Error, Does.Contain("This needs the key of the server API").And.Contain("CENTRIFUGO_API_KEY"));
        Assert.That(wrong.Error, Does.Contain("Failed to drain the node").And.Contain("InternalPort").And.Not.Contain("another"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Top_prints_a_table_once_into_a_pipe(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        async Task<CliResult> RunAsync(params string[] words) => await CliProcess.RunAsync(_home, cancellation, ["-s", broker.Url, "server", "top", .. words]);
        await broker.CallWithKeyAsync("/api/publish", """{"channel":"public.a","data":1}""", cancellation);

        var refused = await RunAsync();
        _home.Variables["CENTRIFUGO_API_KEY"] = RunningBroker.Key;
        var table = await RunAsync("--by", "bytes", "--limit", "1000");
        var json = await RunAsync("--json");
        var exact = await RunAsync("--channel", "public.a", "--channel", "public.b");
        var wrong = await RunAsync("--by", "age");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, "✗ Error: This needs the key of the server API\nHow to fix:\n  → Set it in the environment: CENTRIFUGO_API_KEY=<key>\n  → Or pass it for this command: --key <key>\n")));
            Assert.That(table.Output, Does.StartWith("         BYTES     PERSECOND         ERROR  CHANNEL\n").And.Match(@"\n             1 +[\d.]+ +0  public\.a\n").And.Contain(" s, 1 node; "));
            Assert.That(json.Output, Does.Contain("\"by\": \"messages\"").And.Contain("\"channel\": \"public.a\"").And.Not.Contain("\"ok\""));
            Assert.That(exact.Output, Does.Match(@"^      MESSAGES         BYTES    DELIVERIES   SUBSCRIBERS       SECONDS  CHANNEL\n( +0){4} +[\d.]+  public\.a\n( +0){4} +[\d.]+  public\.b\nExact since the first question, 1 node\n$"));
            Assert.That(wrong.Error, Does.Contain("by must be one of messages, bytes, deliveries, subscribers"));
        }
    }

    private Task<CliResult> RunAsync(RunningBroker broker, params string[] arguments) => CliRun.RunAsync(_home, ["-s", $"{broker.Url}", "server", "drain", .. arguments]);

    private static string? PhaseIn(CliResult result)
    {
        using var json = JsonDocument.Parse(result.Output);
        return json.RootElement.GetProperty("data").GetProperty("phase").GetString();
    }
}
