using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>What the program tells a service manager, here a socket in systemd's place (sd_notify(3)).</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SystemdTests : IDisposable
{
    // The test's own clock moves in steps of some milliseconds.
    private const int ClockStep = 50;

    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[4096];

    public SystemdTests() => _socket.Bind(new UnixDomainSocketEndPoint(SocketPath));

    private string SocketPath => Path.Combine(_folder.Path, "notify");

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task A_broker_says_when_it_is_ready_lives_reloads_and_stops()
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], ("NOTIFY_SOCKET", SocketPath), ("WATCHDOG_USEC", "400000"), ("DrainSeconds", "7"), ("ShutdownSeconds", "3"));

        var url = await broker.ReadUrlAsync();
        Assert.That(await ReadAsync(), Is.EqualTo($"READY=1\nSTATUS=Serving clients on {url.Scheme}://{url.Authority}"));
        Assert.That((await ReadAsync(), await ReadAsync(), await ReadAsync()), Is.EqualTo(("WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1")));
        var before = Environment.TickCount64;
        await broker.SignalAsync("HUP");
        var reloading = (await ReadPastWatchdogAsync()).Split("\nMONOTONIC_USEC=");
        Assert.That(reloading[0], Is.EqualTo("RELOADING=1"));
        Assert.That(long.Parse(reloading[1], CultureInfo.InvariantCulture) / 1000, Is.InRange(before - ClockStep, Environment.TickCount64 + ClockStep));
        Assert.That(await ReadPastWatchdogAsync(), Is.EqualTo("READY=1"));
        await broker.TerminateAsync();
        Assert.That(await ReadPastWatchdogAsync(), Is.EqualTo("STOPPING=1\nSTATUS=Draining: 0 clients\nEXTEND_TIMEOUT_USEC=20000000"));
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    [TestCase(null, null, ExpectedResult = null)]
    [TestCase("30000000", null, ExpectedResult = 30.0)]
    [TestCase("30000000", "", ExpectedResult = 30.0)]
    [TestCase("30000000", "1", ExpectedResult = null)]
    [TestCase("30000000", "own", ExpectedResult = 30.0)]
    [TestCase("0", null, ExpectedResult = null)]
    [TestCase("-5", null, ExpectedResult = null)]
    [TestCase("soon", null, ExpectedResult = null)]
    public double? The_watchdog_is_fed_when_systemd_asks_this_process(string? microseconds, string? process) => Systemd.WatchdogInterval(name => name switch
    {
        "WATCHDOG_USEC" => microseconds,
        "WATCHDOG_PID" => process == "own" ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) : process,
        _ => null,
    })?.TotalSeconds;

    private async Task<string> ReadPastWatchdogAsync()
    {
        string message;
        do
        {
            message = await ReadAsync();
        }
        while (message == "WATCHDOG=1");
        return message;
    }

    private async Task<string> ReadAsync()
    {
        var length = await _socket.ReceiveAsync(_buffer).WaitAsync(RunningBroker.Patience);
        return Encoding.UTF8.GetString(_buffer, 0, length);
    }
}
