using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Orders that one node gives while another one is cut off from Redis.</summary>
internal sealed class MissedOrdersTests : IAsyncDisposable
{
    private RunningRedis _redis = null!;
    private RunningForwarder _way = null!;
    private RunningBroker _here = null!;
    private RunningBroker _there = null!;

    [SetUp]
    public async Task Start()
    {
        _redis = await RunningRedis.StartAsync();
        _way = new RunningForwarder(_redis.Port);
        _here = await StartAsync(_redis.Port);
        _there = await StartAsync(_way.Port);
        await AwaitHealthAsync(200);
    }

    public async ValueTask DisposeAsync()
    {
        await _there.DisposeAsync();
        await _here.DisposeAsync();
        await _way.DisposeAsync();
        await _redis.DisposeAsync();
        Assert.That(_here.Errors.Concat(_there.Errors), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_user_whose_disconnect_the_node_missed_is_disconnected_once_when_it_is_back(bool isSilent)
    {
        var (client, other) = (await ConnectAsync("42"), await ConnectAsync("7"));
        await CutOffAsync(isSilent);

        await OrderAsync("disconnect", """{"user":"42","disconnect":{"code":4321,"reason":"bye"}}""");
        await AssertConnectedAsync(client);
        _way.Release();

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((4321, "bye")));
        await AwaitHealthAsync(200);
        var again = await ConnectAsync("42");
        await CutOffAsync(isSilent);
        _way.Release();
        await AwaitHealthAsync(200);
        var last = await ConnectAsync("8");
        await OrderAsync("disconnect", """{"user":"8"}""");

        Assert.That((await last.ReadCloseAsync()).Code, Is.EqualTo(3503), "Everything that was missed has been carried out before this.");
        await AssertConnectedAsync(again);
        await AssertConnectedAsync(other);
    }

    [Test]
    public async Task A_client_that_has_connected_after_a_missed_order_is_left_alone()
    {
        var old = await _there.ConnectAsync();
        await CutOffAsync(isSilent: false);
        await OrderAsync("disconnect", """{"user":""}""");
        var young = await _there.ConnectAsync();

        _way.Release();

        Assert.That((await old.ReadCloseAsync()).Code, Is.EqualTo(3503));
        await AssertConnectedAsync(young);
    }

    [Test]
    public async Task Missed_orders_are_carried_out_in_order_and_before_later_ones()
    {
        const int orders = 4;
        var client = await ConnectAsync("42");
        await CutOffAsync(isSilent: false);
        for (var i = 1; i < orders; i++)
        {
            await RefreshAsync(i);
        }

        _way.Release();
        await RefreshAsync(orders);

        for (var i = 1; i <= orders; i++)
        {
            using var push = JsonDocument.Parse(await client.ReadMessageAsync());
            Assert.That(Math.Ceiling(push.RootElement.GetProperty("push").GetProperty("refresh").GetProperty("ttl").GetInt64() / 1000.0), Is.EqualTo(i));
        }
    }

    [Test]
    public async Task With_full_memory_an_order_reaches_the_nodes_that_hear_and_the_log_says_that_it_is_not_kept()
    {
        var client = await ConnectAsync("42");
        await _redis.AskAsync("CONFIG", "SET", "maxmemory", "1");

        await OrderAsync("disconnect", """{"user":"42"}""");

        Assert.That((await client.ReadCloseAsync()).Code, Is.EqualTo(3503));
        Assert.That(_here.Warnings, Has.Some.Contains("cannot keep an order now"));
    }

    private static Task<RunningBroker> StartAsync(int port) => RunningBroker.StartAsync(options => options with
    {
        State = options.State with { Redis = [TestRedis.Address($"redis://127.0.0.1:{port}")] },
        Identity = options.Identity with { JwtSecret = TestToken.Secret },
    });

    // A connect goes on after its reply: it asks once more whether the token was revoked meanwhile.
    private async Task<RunningWebSocket> ConnectAsync(string user)
    {
        var client = await _there.ConnectAsync(TestToken.Of($$"""{"sub":"{{user}}"}"""));
        await AssertConnectedAsync(client);
        return client;
    }

    private async Task CutOffAsync(bool isSilent)
    {
        if (isSilent)
        {
            _way.Swallow();
        }
        else
        {
            _way.Close();
        }

        await AwaitHealthAsync(503);
    }

    private Task<RunningAnswer> AwaitHealthAsync(int status) =>
        Eventually.GetAsync(async () => await _there.SendAsync(HttpMethod.Get, "/health", null), answer => answer.Status == status);

    private async Task OrderAsync(string method, string body) =>
        Assert.That((await _here.PostWithKeyAsync($"/api/{method}", body)).Body, Is.EqualTo("""{"result":{}}"""));

    // In units of a thousand seconds.
    private Task RefreshAsync(int units) =>
        OrderAsync("refresh", $$"""{"user":"42","expire_at":{{DateTimeOffset.UtcNow.AddSeconds(1000 * units).ToUnixTimeSeconds()}}}""");

    private static async Task AssertConnectedAsync(RunningWebSocket client) =>
        Assert.That(await client.AskAsync("""{"id":99,"unsubscribe":{"channel":"public.none"}}"""), Is.EqualTo("""{"id":99,"unsubscribe":{}}"""));
}
