using System.Collections.Concurrent;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

// Back ends that are asked when a connection or a subscription expires.
internal sealed partial class ProxiesTests
{
    [Test]
    [Checklist(161, 167)]
    public async Task An_expired_connection_goes_on_if_the_back_end_allows_it()
    {
        var answers = new Queue<string>([$$$"""{"result":{"expire_at":{{{TestToken.Seconds(200)}}}}}""", """{"result":{"expired":true}}"""]);
        _far.Answer = asked => answers.Dequeue();
        var client = await _broker.UpgradeAsync();

        Assert.That(await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{TestToken.Of($$"""{"sub":"42","exp":{{TestToken.Seconds(60)}}}""")}}}"}}"""), Does.Not.Contain("expires"));
        await WaitForAsync(1);
        Assert.That(WithoutClient(_far.Bodies[0]), Is.EqualTo("""{"transport":"websocket","protocol":"json","encoding":"json","user":"42"}"""));
        await client.SubscribeAsync("public.a");
        await WaitForAsync(2);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
    }

    [Test]
    [Checklist(167)]
    public async Task A_back_end_is_asked_each_time_that_a_connection_expires()
    {
        const int life = 5;
        var asked = new ConcurrentQueue<DateTimeOffset>();
        _far.Answer = _ =>
        {
            asked.Enqueue(_time.GetUtcNow());
            return $$$"""{"result":{"expire_at":{{{_time.GetUtcNow().AddSeconds(life).ToUnixTimeSeconds()}}}}}""";
        };
        await _broker.ConnectAsync(TestToken.Of($$"""{"sub":"42","exp":{{TestToken.Seconds(life)}}}"""));

        // Slowly: an answer takes real time, in which this clock goes on.
        await Eventually.IsTrueAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(20);
            return asked.Count >= 5;
        });

        var between = asked.Zip(asked.Skip(1), (one, next) => (next - one).TotalSeconds).ToArray();
        await TestContext.Out.WriteLineAsync($"asked every {string.Join(", ", between)} s");
        Assert.That(between, Is.All.InRange(life - 1, 3 * life));
    }

    [Test]
    [Checklist(167)]
    public async Task An_unavailable_back_end_prolongs_connections_by_a_minute()
    {
        _far.NextStatus(500, times: 2);
        var client = await _broker.ConnectAsync(TestToken.Of($$"""{"sub":"42","exp":{{TestToken.Seconds(10)}}}"""));

        await WaitForAsync(1);
        await WaitForAsync(2);
        await client.SubscribeAsync("public.a");
        _far.Answer = _ => "{}";
        await WaitForAsync(3);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
    }

    [Test]
    public async Task A_client_may_not_refresh_where_a_back_end_does()
    {
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        await client.SendTextAsync($$$"""{"id":2,"refresh":{"token":"{{{TestToken.Of("""{"sub":"42"}""")}}}"}}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3501, "bad request")));
    }

    [Test]
    [Checklist(161, 167, 131)]
    public async Task An_expired_subscription_goes_on_if_the_back_end_allows_it()
    {
        var answers = new Queue<string>([$$$"""{"result":{"expire_at":{{{TestToken.Seconds(100)}}}}}""", "{}"]);
        _far.Answer = asked => answers.Dequeue();
        var client = await _broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        var token = TestToken.Of($$"""{"sub":"42","channel":"sub:a","exp":{{TestToken.Seconds(10)}}}""");

        Assert.That(await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"sub:a","token":"{{{token}}}"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
        await WaitForAsync(1);
        Assert.That(WithoutClient(_far.Bodies[0]), Is.EqualTo("""{"transport":"websocket","protocol":"json","encoding":"json","user":"42","channel":"sub:a"}"""));
        await WaitForAsync(2);

        Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"sub:a","unsubscribe":{"code":2501,"reason":"subscription expired"}}}"""));
        await client.SendTextAsync($$$"""{"id":3,"sub_refresh":{"channel":"sub:a","token":"{{{token}}}"}}""");
        Assert.That(await client.ReadMessageAsync(), Does.Contain("103"));
    }

    // Lets time pass until the back end has been asked that often.
    private Task<TimeSpan> WaitForAsync(int asked) => Eventually.IsTrueAsync(() =>
    {
        var isAsked = _far.Requests.Count >= asked;
        if (!isAsked)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return isAsked;
    });
}
