using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Where the built <c>sub</c> begins in a history of the real broker, however long that is.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubStartTests : IDisposable
{
    // More than the broker sends with a recovery, and no whole number of pages.
    private const int Many = 1_450;

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("--since all", 1)]
    [TestCase("--since 0", 1)]
    [TestCase("--since 7", 8)]
    [TestCase("--since 1449", 1450)]
    [TestCase("--since 1h", 1)]
    [CancelAfter(60_000)]
    public async Task A_long_history_is_printed_from_its_start_and_in_order(string since, int first, CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(Long);
        await PublishAsync(broker, 1, Many, cancellation);
        using var process = Start(broker, since);

        var lines = await process.ReadLinesAsync(Many - first + 1, cancellation);
        await PublishAsync(broker, Many + 1, Many + 1, cancellation);
        lines.Add(await process.ReadLineAsync(cancellation));

        Assert.That(lines, Is.EqualTo(Enumerable.Range(first, Many - first + 2).Select(number => $"{number}")));
    }

    [Test, CancelAfter(60_000)]
    public async Task Messages_that_are_published_while_the_history_is_read_follow_it_once(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(Long);
        await PublishAsync(broker, 1, Many, cancellation);
        using var process = Start(broker, "--since all");

        for (var number = Many + 1; number <= Many + 1_000; number += 10)
        {
            await PublishAsync(broker, number, number + 9, cancellation);
        }

        Assert.That(await process.ReadLinesAsync(Many + 1_000, cancellation), Is.EqualTo(Enumerable.Range(1, Many + 1_000).Select(number => $"{number}")));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_time_leaves_out_what_is_older(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(Long);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (var minutes in new[] { 60, 30, 11, 9, 5 })
        {
            await broker.CallWithKeyAsync("/api/publish", $$$"""{"channel":"news:a","data":{"_claw":{"sender":"a","timestamp":{{{now - (minutes * 60_000L)}}}},"payload":{{{minutes}}}}}""", cancellation);
        }

        using var process = Start(broker, "--since 10m");

        Assert.That(await process.ReadLinesAsync(2, cancellation), Is.EqualTo(["9", "5"]));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_offset_that_the_history_no_longer_reaches_is_reported_and_the_rest_printed(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(Long with { HistorySize = 500 });
        await PublishAsync(broker, 1, Many, cancellation);
        using var process = Start(broker, "--since 7");

        await process.WaitForErrorAsync("Could not recover news:a: its history no longer contains 943 messages that you missed\n", cancellation);
        Assert.That(await process.ReadLinesAsync(500, cancellation), Is.EqualTo(Enumerable.Range(951, 500).Select(number => $"{number}")));
        await process.WaitForErrorAsync("Recovered 500 messages of news:a\n", cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_history_that_may_not_be_read_is_told_from_one_that_has_dropped_messages(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(Long with { ReadHistory = default });
        await PublishAsync(broker, 1, Many, cancellation);
        using var process = Start(broker, "--since 7");

        await process.WaitForErrorAsync("The history of news:a cannot be read: permission denied", cancellation);
        await process.WaitForErrorAsync("Could not recover news:a: you missed 1443 messages\n", cancellation);
        await PublishAsync(broker, Many + 1, Many + 1, cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo("1451"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_channel_without_history_begins_now(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync(TestNamespaces.Open);
        await PublishAsync(broker, 1, 1, cancellation);
        using var process = Start(broker, "--since all");

        await process.WaitForErrorAsync("Could not recover news:a: it has no history to recover from\n", cancellation);
        await PublishAsync(broker, 2, 2, cancellation);

        Assert.That(await process.ReadLineAsync(cancellation), Is.EqualTo("2"));
    }

    [TestCase("yesterday")]
    [TestCase("-5")]
    [TestCase("10x")]
    [TestCase("")]
    [CancelAfter(30_000)]
    public async Task Something_else_than_a_time_or_an_offset_is_refused(string since, CancellationToken cancellation)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, "sub", "--since", since, "c");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("Invalid --since value").And.Contain("--since 10m"));
    }

    private static ChannelOptions Long => TestNamespaces.History with { AllowRecovery = true, HistorySize = 5_000 };

    private static Task<CliBroker> StartBrokerAsync(ChannelOptions options) =>
        CliBroker.StartAsync(change: settings => settings with { Namespaces = TestNamespaces.Of(("news", options)) });

    private CliProcess Start(CliBroker broker, string options) =>
        CliProcess.Start(_home, ["-s", broker.Url, "sub", "--format", "{payload}", .. options.Split(' '), "news:a"]);

    private static Task PublishAsync(CliBroker broker, int first, int last, CancellationToken cancellation) =>
        broker.PublishNumbersAsync("news:a", first, last, cancellation);
}
