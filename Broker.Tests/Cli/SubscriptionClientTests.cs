using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The time limits of the client, on a clock that the test moves.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubscriptionClientTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStream _stdout = new();
    private readonly MemoryStream _stderr = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _stdout.Dispose();
        _stderr.Dispose();
    }

    [Test, CancelAfter(30_000)]
    public async Task An_unanswered_subscribe_is_given_up_after_ten_seconds(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var running = RunAsync(server, "c");
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"connect":{"client":"c","version":"v"}}""", cancellation);
        await connection.ReceiveAsync(cancellation);
        await WaitForTimerAsync(Patience);

        _time.Advance(Patience - TimeSpan.FromTicks(1));
        var before = _time.NextTimer;
        _time.Advance(TimeSpan.FromTicks(1));
        await ConnectAgainAsync(server, cancellation);
        await StopAsync(running);

        Assert.That(before, Is.EqualTo(TimeSpan.FromTicks(1)));
        Assert.That(ErrorText(), Does.StartWith(
            $"Connection to {SocketUrl(server)} lost: no answer to the subscription to c within 10 s; reconnecting\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task An_unanswered_connect_is_given_up_after_ten_seconds(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var running = RunAsync(server, "c");
        await (await server.AcceptAsync(cancellation)).ReceiveAsync(cancellation);
        await WaitForTimerAsync(Patience);

        _time.Advance(Patience);
        await ConnectAgainAsync(server, cancellation);
        await StopAsync(running);

        Assert.That(ErrorText(), Does.StartWith($"Cannot connect to {SocketUrl(server)}: nothing received for 10 s; trying again\n"));
    }

    [Test, CancelAfter(30_000)]
    public async Task Missing_pings_end_a_connection(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var running = RunAsync(server, "c");
        await (await server.AcceptAsync(cancellation)).WelcomeAsync(cancellation, connected: ""","ping":25""");
        await WaitForTimerAsync(TimeSpan.FromSeconds(25) + Patience);

        _time.Advance(TimeSpan.FromSeconds(25) + Patience);
        await ConnectAgainAsync(server, cancellation);
        await StopAsync(running);

        Assert.That(ErrorText(), Does.StartWith($"Connection to {SocketUrl(server)} lost: nothing received for 35 s; reconnecting\n"));
    }

    private async Task<StreamEnd> RunAsync(CliServerDouble server, string channel)
    {
        var output = new HumanOutput(new OutputStreams(_stdout, _stderr), new TextStyle(colours: false, width: 80));
        var client = new SubscriptionClient(
            new Uri(SocketUrl(server)),
            new StreamToken(() => null, isFixed: false),
            new SubscriptionSet([channel], _ => default),
            new StandardOutputSink(PublicationLine.WriteLine, _stdout, _time),
            new StreamReporter(output, verbose: false, quiet: false),
            new CertificateTrust(authorities: null),
            retries: false,
            _time);
        return await client.RunAsync(_stop.Token);
    }

    // After the jitter that spreads the reconnects of many clients.
    private async Task ConnectAgainAsync(CliServerDouble server, CancellationToken cancellation)
    {
        await Eventually.IsTrueAsync(() => _time.NextTimer is { } wait && wait >= Backoff.Least && wait < Patience);
        _time.Advance(Backoff.MostAtFirst);
        (await server.AcceptAsync(cancellation)).Abort();
    }

    private async Task StopAsync(Task<StreamEnd> running)
    {
        await _stop.CancelAsync();
        Assert.That((await running).Kind, Is.EqualTo(StreamEndKind.Stopped));
    }

    private Task<TimeSpan> WaitForTimerAsync(TimeSpan due) => Eventually.IsTrueAsync(() => _time.NextTimer == due);

    private static string SocketUrl(CliServerDouble server) => server.Url.Replace("http:", "ws:", StringComparison.Ordinal) + "/connection/websocket";

    private string ErrorText() => Encoding.UTF8.GetString(_stderr.ToArray());
}
