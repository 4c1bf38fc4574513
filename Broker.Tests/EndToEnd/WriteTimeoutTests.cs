using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Clients whose transport accepts nothing for too long, although little waits for them.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class WriteTimeoutTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);
    private static readonly string Data = $"\"{new string('x', 60_000)}\"";

    private readonly ManualTimeProvider _time = new();

    private protected override TimeProvider? Time => _time;

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Connections = options.Connections with { MaxQueuedBytes = 256 * 1024 * 1024, PingInterval = TimeSpan.Zero },
        Transports = options.Transports with { WriteTimeout = Limit },
    };

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_client_that_takes_nothing_for_so_long_is_disconnected(bool isReused)
    {
        await using var client = await ConnectAsync(isReused);
        await StallAsync();

        Tick(Limit);
        Assert.That(Connection.IsClosing, Is.False, "The limit counts from the first look.");
        Tick(TimerWheel.Tick);

        Assert.That(Connection.IsClosing, Is.True);
    }

    [Test]
    public async Task A_client_that_takes_some_of_it_stays()
    {
        await using var client = await ConnectAsync(isReused: false);
        await StallAsync(20_000_000);
        for (var i = 0; i < 5; i++)
        {
            Tick(Limit);
            var waiting = Connection.Outbound.WaitingBytes;
            await Eventually.IsTrueAsync(async () =>
            {
                await client.ReadFrameAsync();
                return Connection.Outbound.WaitingBytes < waiting;
            });
        }

        Assert.That(Connection.IsClosing, Is.False);
    }

    [Test]
    public async Task A_client_that_has_caught_up_is_watched_no_more_until_it_falls_behind_again()
    {
        await using var client = await ConnectAsync(isReused: false);
        await StallAsync();
        Tick(TimerWheel.Tick);
        await Eventually.IsTrueAsync(async () =>
        {
            await client.ReadFrameAsync();
            return Connection.Outbound.WaitingBytes == 0;
        });
        Tick(Limit * 3);
        Assert.That(Connection.IsClosing, Is.False);

        await StallAsync();
        Tick(Limit + TimerWheel.Tick);

        Assert.That(Connection.IsClosing, Is.True);
    }

    private ClientConnection Connection { get; set; } = null!;

    private async Task<RunningWebSocket> ConnectAsync(bool isReused)
    {
        var client = await Broker.ConnectAsync(receiveBuffer: 4096, isReused: isReused);
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}""");
        Connection = Broker.Get<OpenConnections>().All().Single();
        return client;
    }

    private Task<TimeSpan> StallAsync(int bytes = 100_000) => Eventually.IsTrueAsync(async () =>
    {
        await Broker.PublishAsync("public.a", Data);
        return Connection.Outbound.WaitingBytes > bytes;
    });

    private void Tick(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimerWheel.Tick)
        {
            _time.Advance(TimerWheel.Tick);
        }
    }
}
