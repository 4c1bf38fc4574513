using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Strangers that send arbitrary bytes: the broker keeps running, logs no fault of its own, and others notice nothing.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class AbuseTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private const int Strangers = 500;
    private const int AtOnce = 8;

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Connections = options.Connections with { CloseTimeout = TimeSpan.FromMilliseconds(500) } };

    [TestCase(1)]
    [TestCase(2)]
    public Task Random_bytes_before_the_upgrade_harm_nobody(int seed) => AbuseAsync(seed, async (random, stranger) =>
    {
        var bytes = new byte[random.Next(1, 4000)];
        random.NextBytes(bytes);
        await stranger.SendAsync(bytes);
    });

    [TestCase(1)]
    [TestCase(2)]
    public Task Random_bytes_within_an_upgrade_harm_nobody(int seed) => AbuseAsync(seed, async (random, stranger) =>
    {
        var bytes = Encoding.ASCII.GetBytes(Broker.UpgradeRequest());
        for (var change = random.Next(1, 10); change > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        await stranger.SendAsync(bytes[..random.Next(1, bytes.Length + 1)]);
    });

    [TestCase(1)]
    [TestCase(2)]
    public Task Random_bytes_after_the_upgrade_harm_nobody(int seed) => AbuseAsync(seed, async (random, stranger) =>
    {
        var bytes = new byte[random.Next(1, 4000)];
        random.NextBytes(bytes);
        await stranger.SendAsync(Encoding.ASCII.GetBytes(Broker.UpgradeRequest()), bytes);
    });

    [TestCase(1)]
    [TestCase(2)]
    public Task Random_frames_after_a_connect_harm_nobody(int seed) => AbuseAsync(seed, async (random, stranger) =>
    {
        var frames = new List<byte[]> { Encoding.ASCII.GetBytes(Broker.UpgradeRequest()), RunningFrame.Text("""{"id":1,"connect":{}}""") };
        for (var count = random.Next(1, 20); count > 0; count--)
        {
            var payload = new byte[random.Next(200)];
            random.NextBytes(payload);
            frames.Add(RunningFrame.Masked((byte)random.Next(256), payload));
        }

        await stranger.SendAsync([.. frames]);
    });

    [TestCase(1)]
    [TestCase(2)]
    public Task Commands_with_changed_bytes_harm_nobody(int seed) => AbuseAsync(seed, async (random, stranger) =>
    {
        var frames = new List<byte[]> { Encoding.ASCII.GetBytes(Broker.UpgradeRequest()), RunningFrame.Text("""{"id":1,"connect":{}}""") };
        for (var count = 0; count < 20; count++)
        {
            var command = """{"id":2,"subscribe":{"channel":"public.x","delta":"fossil","recover":true,"token":"","data":{"a":[1,"\u00e9"]}}}"""u8.ToArray();
            command[random.Next(command.Length)] = (byte)random.Next(32, 127);
            frames.Add(RunningFrame.Masked(RunningFrame.FinalText, command));
        }

        await stranger.SendAsync([.. frames]);
    });

    [Test]
    public Task Connections_lost_at_any_moment_harm_nobody() => AbuseAsync(seed: 3, async (random, stranger) =>
    {
        byte[] bytes =
        [
            .. Encoding.ASCII.GetBytes(Broker.UpgradeRequest()),
            .. RunningFrame.Text("""{"id":1,"connect":{}}"""),
            .. RunningFrame.Text("""{"id":2,"subscribe":{"channel":"public.a"}}"""),
        ];
        await stranger.SendAsync(bytes[..random.Next(1, bytes.Length)]);
        stranger.Reset();
    });

    [Test]
    public async Task Bad_frames_after_the_first_one_on_a_connection_are_ignored()
    {
        var stranger = await Broker.ConnectAsync();
        var bad = Enumerable.Repeat(RunningFrame.Masked(RunningFrame.FinalText, [0xFF]), 5000).ToArray();

        await stranger.SendAsync(bad);

        Assert.That(await stranger.ReadCloseAsync(), Is.EqualTo((1007, "invalid UTF-8")));
        Assert.That(await stranger.ReadToEndAsync(), Is.Empty);
    }

    private async Task AbuseAsync(int seed, Func<Random, RunningWebSocket, Task> abuse)
    {
        var bystander = await Broker.ConnectAsync();
        await bystander.SubscribeAsync("public.a");

        await Parallel.ForAsync(0, Strangers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            await using var stranger = await RunningWebSocket.OpenAsync(Broker.Url, receiveBuffer: 0);
            try
            {
                await abuse(new Random((seed * Strangers) + number), stranger);
            }
            catch (IOException)
            {
                // The broker has closed the connection already.
            }
        });
        await Broker.PublishAsync("public.a", "\"still here\"");

        Assert.That(await bystander.ReadPublicationAsync(), Is.EqualTo("\"still here\""));
        await bystander.SubscribeAsync("public.b", 3);
    }
}
