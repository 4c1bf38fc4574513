using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Tests.Transport;

/// <summary>Where a transport listens, and how it begins and ends; the same for all of them.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
internal sealed class ListenerContract(TestTransport transport)
{
    private const int MaxSockets = 3;

    private readonly TestListeners _listeners = new(transport);

    private static bool HasIPv6 => Socket.OSSupportsIPv6 && NetworkInterface.GetAllNetworkInterfaces()
        .Any(one => one.GetIPProperties().UnicastAddresses.Any(address => address.Address.Equals(IPAddress.IPv6Loopback)));

    [TearDown]
    public ValueTask StopListeners() => _listeners.DisposeAsync();

    [Test]
    public async Task Port_0_selects_a_free_one()
    {
        var (one, other) = (await _listeners.BindAsync(), await _listeners.BindAsync());

        Assert.That(new[] { PortOf(one), PortOf(other) }, Is.Unique.And.All.Positive);
    }

    [Test]
    public async Task A_port_that_is_in_use_is_refused()
    {
        var listener = await _listeners.BindAsync();
        await using var others = new TestListeners(transport);

        Assert.That(() => others.BindAsync(listener.EndPoint), Throws.InstanceOf<CannotListenException>().With.Property(nameof(CannotListenException.Reason)).EqualTo(CannotListenReason.Taken));
        Assert.That(() => _listeners.BindAsync(listener.EndPoint), Throws.InstanceOf<CannotListenException>().With.Property(nameof(CannotListenException.Reason)).EqualTo(CannotListenReason.Taken));
    }

    [Test]
    public async Task A_port_is_free_again_when_its_listener_has_ended()
    {
        var first = await _listeners.BindAsync();
        await first.UnbindAsync();

        var second = await _listeners.BindAsync(first.EndPoint);
        EchoServer.Start(second);

        Assert.That(await TransportContract.EchoAsync(second, [1]), Is.EqualTo(new byte[] { 1 }));
    }

    [TestCase("::1", "::1")]
    [TestCase("::", "::1")]
    [TestCase("::", "127.0.0.1")]
    [TestCase("0.0.0.0", "127.0.0.1")]
    public async Task An_address_serves_those_whom_it_should(string bound, string used)
    {
        Assume.That(HasIPv6 || !bound.Contains(':'), "This machine has no IPv6.");
        var listener = await _listeners.BindAsync(new IPEndPoint(IPAddress.Parse(bound), 0));
        EchoServer.Start(listener);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);

        await client.ConnectAsync(new IPEndPoint(IPAddress.Parse(used), PortOf(listener)));
        await client.SendAsync("x"u8.ToArray());

        Assert.That(await client.ReceiveAsync(new byte[1]), Is.EqualTo(1));
    }

    [Test]
    public void An_address_of_another_machine_is_refused() =>
        Assert.That(
            () => _listeners.BindAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)),
            Throws.InstanceOf<CannotListenException>().With.Property(nameof(CannotListenException.Reason)).EqualTo(CannotListenReason.NoSuchAddress));

    [Test]
    public async Task A_Unix_socket_is_served_and_its_file_goes_with_it()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "socket");
        var listener = await _listeners.BindAsync(new UnixDomainSocketEndPoint(path));
        EchoServer.Start(listener);

        var echoes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => TransportContract.EchoAsync(listener, [(byte)number])));
        await listener.UnbindAsync();

        Assert.That(echoes.Select(echo => (int)echo.Single()), Is.EqualTo(Enumerable.Range(0, 20)));
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public async Task A_Unix_socket_that_is_in_use_is_refused()
    {
        using var folder = new TemporaryFolder();
        var listener = await _listeners.BindAsync(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "socket")));
        EchoServer.Start(listener);

        Assert.That(() => _listeners.BindAsync(listener.EndPoint), Throws.InstanceOf<CannotListenException>().With.Property(nameof(CannotListenException.Reason)).EqualTo(CannotListenReason.Taken));
        Assert.That(await TransportContract.EchoAsync(listener, [1]), Is.EqualTo(new byte[] { 1 }));
        await listener.UnbindAsync();
    }

    [Test]
    public async Task Connections_that_come_while_the_listener_ends_are_served_or_end()
    {
        var listener = await _listeners.BindAsync();
        var server = EchoServer.Start(listener);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ConnectUntilAsync(listener, stop.Token))).ToArray();
        await Eventually.IsTrueAsync(() => _listeners.Gate.Open > 0);

        await listener.UnbindAsync();
        await server.Ended.WaitAsync(RunningBroker.Patience);
        await stop.CancelAsync();

        Assert.That((await Task.WhenAll(clients)).Sum(), Is.Positive);
        await Eventually.IsTrueAsync(() => _listeners.Gate.Open == 0);
    }

    [Test]
    public async Task Connections_beyond_the_limit_are_closed_until_another_has_ended()
    {
        await using var few = new TestListeners(transport, MaxSockets);
        var listener = await few.BindAsync();
        EchoServer.Start(listener);
        var open = new List<Socket>();
        for (var i = 0; i < MaxSockets; i++)
        {
            open.Add(new Socket(SocketType.Stream, ProtocolType.Tcp));
            await open[i].ConnectAsync(listener.EndPoint);
        }

        await Eventually.IsTrueAsync(() => few.Gate.Open == MaxSockets);
        Assert.That(await TryEchoAsync(listener), Is.False);
        open[0].Dispose();
        await Eventually.IsTrueAsync(() => TryEchoAsync(listener));
        open.ForEach(client => client.Dispose());
    }

    private static int PortOf(IConnectionListener listener) => ((IPEndPoint)listener.EndPoint).Port;

    private static async Task<int> ConnectUntilAsync(IConnectionListener listener, CancellationToken stop)
    {
        var served = 0;
        while (!stop.IsCancellationRequested)
        {
            served += await TryEchoAsync(listener) ? 1 : 0;
        }

        return served;
    }

    private static async Task<bool> TryEchoAsync(IConnectionListener listener)
    {
        try
        {
            return (await TransportContract.EchoAsync(listener, [1])).Length == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
