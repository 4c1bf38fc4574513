using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Recovery of the built streams from a history of the real broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubHistoryTests : IDisposable
{
    private readonly CliHome _home = new();

    // Bound but not listening: a client that is sent there is refused.
    private readonly Socket _away = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public void Dispose()
    {
        _away.Dispose();
        _home.Dispose();
    }

    [TestCase("sub --verbose news:a")]
    [TestCase("subexec --verbose news:a -- echo")]
    [Platform(Exclude = "Win")]
    [CancelAfter(30_000)]
    public async Task Messages_published_meanwhile_come_first_and_in_order(string command, CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        await using var way = new RunningForwarder(broker.Port);
        using var process = CliProcess.Start(_home, ["-s", $"http://127.0.0.1:{way.Port}", .. command.Split(' ')]);
        await process.WaitForErrorAsync("Subscribed to news:a\n", cancellation);
        await PublishAsync(broker, 1, cancellation);
        await process.ReadLineAsync(cancellation);

        way.LeadTo(PortOfNobody());
        await broker.CallWithKeyAsync("/api/disconnect", """{"user":"","disconnect":{"code":4000,"reason":"cut"}}""", cancellation);
        await process.WaitForErrorAsync("lost: cut; reconnecting\n", cancellation);
        await PublishAsync(broker, 2, cancellation);
        await PublishAsync(broker, 3, cancellation);
        way.LeadTo(broker.Port);
        await process.WaitForErrorAsync("Recovered 2 messages of news:a\n", cancellation);
        await PublishAsync(broker, 4, cancellation);

        var lines = await process.ReadLinesAsync(3, cancellation);
        Assert.That(lines.Select((line, index) => line!.Contains($"\"payload\":{index + 2},", StringComparison.Ordinal)), Is.All.True, string.Join('\n', lines));
    }

    [Test, CancelAfter(30_000)]
    public async Task Messages_that_the_history_has_dropped_are_reported_as_lost(CancellationToken cancellation)
    {
        await using var broker = await StartBrokerAsync();
        await using var way = new RunningForwarder(broker.Port);
        using var process = CliProcess.Start(_home, ["-s", $"http://127.0.0.1:{way.Port}", "sub", "--verbose", "news:a"]);
        await process.WaitForErrorAsync("Subscribed to news:a\n", cancellation);
        await PublishAsync(broker, 1, cancellation);
        await process.ReadLineAsync(cancellation);

        way.LeadTo(PortOfNobody());
        await broker.CallWithKeyAsync("/api/disconnect", """{"user":"","disconnect":{"code":4000,"reason":"cut"}}""", cancellation);
        await process.WaitForErrorAsync("lost: cut; reconnecting\n", cancellation);
        var missed = TestNamespaces.History.HistorySize + 1;
        for (var number = 2; number <= missed + 1; number++)
        {
            await PublishAsync(broker, number, cancellation);
        }
        way.LeadTo(broker.Port);

        await process.WaitForErrorAsync(
            "Could not recover news:a: its history no longer contains 1 message that you missed\nRecovered 5 messages of news:a\n", cancellation);
    }

    private static Task<CliBroker> StartBrokerAsync() => CliBroker.StartAsync(change: options => options with
    {
        Namespaces = TestNamespaces.Of(("news", TestNamespaces.History with { AllowRecovery = true })),
    });

    private static Task PublishAsync(CliBroker broker, int payload, CancellationToken cancellation) =>
        broker.CallWithKeyAsync("/api/publish", $$"""{"channel":"news:a","data":{{payload}}}""", cancellation);

    private int PortOfNobody()
    {
        _away.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)_away.LocalEndPoint!).Port;
    }
}
