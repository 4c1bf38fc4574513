using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Subscriptions and publications of one connection, over a real socket.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
public sealed class SubscribeAndPublishTests(TestTransport transport) : RunningBrokerTests(transport: transport)
{
    private const string Unusable = """{"id":2,"error":{"code":403,"message":"permission denied: unusable_name"}}""";
    private const string NotOwner = """{"id":2,"error":{"code":403,"message":"permission denied: not_owner"}}""";
    private const string SystemOnly = """{"id":2,"error":{"code":403,"message":"permission denied: system_only"}}""";

    [Test]
    [Checklist(59)]
    public async Task A_connection_has_128_subscriptions_and_the_next_is_too_many()
    {
        var client = await Broker.ConnectAsync();
        for (var number = 1; number <= 128; number++)
        {
            await client.SubscribeAsync($"public.{number}", number + 1);
        }

        Assert.That(
            await client.AskAsync("""{"id":200,"subscribe":{"channel":"public.129"}}"""), Is.EqualTo("""{"id":200,"error":{"code":106,"message":"limit exceeded"}}"""));
        Assert.That(await client.AskAsync("""{"id":201,"unsubscribe":{"channel":"public.1"}}"""), Is.EqualTo("""{"id":201,"unsubscribe":{}}"""));
        await client.SubscribeAsync("public.129", 202);
    }

    [Test]
    public async Task A_refused_subscription_does_not_count_towards_the_128()
    {
        var client = await Broker.ConnectAsync();
        for (var refused = 0; refused < 130; refused++)
        {
            Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"bogus"}}"""), Is.EqualTo(Unusable));
        }

        await client.SubscribeAsync("public.a", 3);
    }

    [Test]
    [Checklist(58)]
    public async Task Subscribing_twice_is_an_error_and_the_first_goes_on()
    {
        var client = await Broker.ConnectAsync();
        await client.SubscribeAsync("public.a");

        Assert.That(
            await client.AskAsync("""{"id":3,"subscribe":{"channel":"public.a"}}"""), Is.EqualTo("""{"id":3,"error":{"code":105,"message":"already subscribed"}}"""));
        await Broker.PublishAsync("public.a", "1");
        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    [Test]
    [Checklist(68)]
    public async Task After_an_unsubscribe_nothing_arrives_and_the_client_may_subscribe_again()
    {
        var client = await Broker.ConnectAsync();
        await client.SubscribeAsync("public.a");
        await client.AskAsync("""{"id":3,"unsubscribe":{"channel":"public.a"}}""");
        await Broker.PublishAsync("public.a", "1");

        await client.SubscribeAsync("public.a", 4);
        await Broker.PublishAsync("public.a", "2");

        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("2"));
    }

    [TestCase("agent.bob.x", NotOwner)]
    [TestCase("system.timer.second", SystemOnly)]
    [TestCase("app.shop.x", NotOwner)]
    [TestCase("bogus", Unusable)]
    [TestCase("chat:room", """{"id":2,"error":{"code":102,"message":"unknown channel"}}""")]
    [TestCase("public.é", """{"id":2,"error":{"code":107,"message":"bad request: a channel name is 1 to 255 bytes of printable ASCII"}}""")]
    [TestCase("public.a", """{"id":2,"publish":{}}""")]
    [TestCase("agent.alice.x", """{"id":2,"publish":{}}""")]
    public async Task Publishing_follows_the_same_rules_as_over_HTTP(string channel, string reply)
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));

        Assert.That(await client.AskAsync($$$"""{"id":2,"publish":{"channel":"{{{channel}}}","data":1}}"""), Is.EqualTo(reply));
    }

    [TestCase(255, true)]
    [TestCase(256, false)]
    [Checklist(57)]
    public async Task A_channel_of_more_than_255_bytes_cannot_be_subscribed_to(int bytes, bool isName)
    {
        var client = await Broker.ConnectAsync();

        Assert.That(
            await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{"public.".PadRight(bytes, 'x')}}}"}}"""),
            Is.EqualTo(isName
                ? """{"id":2,"subscribe":{}}"""
                : """{"id":2,"error":{"code":107,"message":"bad request: a channel name is 1 to 255 bytes of printable ASCII"}}"""));
    }

    [Test]
    public async Task Publishing_shares_its_rate_limit_with_HTTP()
    {
        var token = await Broker.RegisterAsync("alice");
        var client = await Broker.ConnectAsync(token);
        const string publish = """{"id":2,"publish":{"channel":"public.a","data":1}}""";

        // More than three windows of five could accept, however slowly they arrive within a minute.
        var replies = new List<string>();
        await client.SendTextAsync(string.Join('\n', Enumerable.Repeat(publish, 20)));
        for (var reply = 0; reply < 20; reply++)
        {
            replies.Add(await client.ReadMessageAsync());
        }

        Assert.That(replies.Take(5), Is.All.EqualTo("""{"id":2,"publish":{}}"""));
        Assert.That(
            replies, Does.Contain("""{"id":2,"error":{"code":111,"message":"rate limit exceeded (5 requests per second)","temporary":true}}"""));
    }

    [Test]
    public async Task A_payload_over_the_limit_is_an_error_in_the_reply()
    {
        var client = await Broker.ConnectAsync();

        Assert.That(
            await client.AskAsync($$$"""{"id":2,"publish":{"channel":"public.a","data":"{{{new string('x', 16_383)}}}"}}"""),
            Is.EqualTo("""{"id":2,"error":{"code":107,"message":"payload too large (max 16384 bytes)"}}"""));
    }

    [Test]
    [Checklist(75)]
    public async Task A_publish_without_data_is_an_error_and_one_with_null_is_not()
    {
        var client = await Broker.ConnectAsync();

        Assert.That(
            await client.AskAsync("""{"id":2,"publish":{"channel":"public.a"}}"""),
            Is.EqualTo("""{"id":2,"error":{"code":107,"message":"bad request: data is missing (null is data, too)"}}"""));
        Assert.That(await client.AskAsync("""{"id":3,"publish":{"channel":"public.a","data":null}}"""), Is.EqualTo("""{"id":3,"publish":{}}"""));
    }
}
