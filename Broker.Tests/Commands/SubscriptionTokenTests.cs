using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Commands;

/// <summary>Subscribing with a subscription token, and renewing it.</summary>
internal sealed class SubscriptionTokenTests
{
    private static readonly BrokerOptions Options = new()
    {
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["closed"] = new() { Presence = true, ReadPresence = new(true, true, true) },
                ["open"] = new() { Subscribe = new(true, true, true) },
                ["named"] = new() { ChannelPattern = new("^[a-z]+$") },
            },
            new ChannelOptions()),
    };

    [TestCase("closed:a")]
    [TestCase("$closed:a")]
    [TestCase("$plain")]
    [TestCase("closed:a#7")]
    [Checklist(124)]
    public void A_token_allows_a_channel_that_the_options_do_not(string channel)
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(link.Ask(Subscribe(channel, Token("42", channel))), Is.EqualTo(new[] { """{"id":2,"subscribe":{}}""" }));
    }

    [Test]
    [Checklist(81)]
    public void A_publication_carries_the_info_of_both_tokens()
    {
        using var rig = new BrokerRig(TestNamespaces.Only(("open", TestNamespaces.Open)));
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42","info":{"c":1}}"""));
        link.Ask(Subscribe("open:a", TestToken.Of("""{"sub":"42","channel":"open:a","info":{"s":1}}""")));

        Assert.That(link.Ask("""{"id":3,"publish":{"channel":"open:a","data":1}}"""), Is.EqualTo(new[]
        {
            """{"push":{"channel":"open:a","pub":{"data":1,"info":{"user":"42","client":"CLIENT","conn_info":{"c":1},"chan_info":{"s":1}}}}}""",
            """{"id":3,"publish":{}}""",
        }));
    }

    [Test]
    [Checklist(70, 125, 129)]
    public void The_claims_of_a_token_apply_to_the_subscription()
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42","info":{"c":1}}"""));

        var reply = link.Ask(Subscribe("closed:a", TestToken.Of($$$"""{"sub":"42","channel":"closed:a","exp":{{{TestToken.Seconds(60)}}},"info":{"s":1},"data":{"d":1}}""")));

        Assert.That(reply, Is.EqualTo(new[] { """{"id":2,"subscribe":{"expires":true,"ttl":60,"data":{"d":1}}}""" }));
        Assert.That(
            link.Ask("""{"id":3,"presence":{"channel":"closed:a"}}"""),
            Is.EqualTo(new[] { """{"id":3,"presence":{"presence":{"CLIENT":{"user":"42","client":"CLIENT","conn_info":{"c":1},"chan_info":{"s":1}}}}}""" }));
    }

    [Test]
    [Checklist(130)]
    public void An_override_changes_the_options_of_this_subscription()
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));

        link.Ask(Subscribe("closed:a", TestToken.Of("""{"sub":"42","channel":"closed:a","override":{"presence":{"value":false}}}""")));

        Assert.That(link.Ask("""{"id":3,"presence":{"channel":"closed:a"}}"""), Is.EqualTo(new[] { """{"id":3,"presence":{"presence":{}}}""" }));
    }

    [TestCase("nonsense", "closed:a", 103)]
    [TestCase("", "closed:a", 103)]
    [TestCase("", "$open:a", 103)]
    [TestCase("""{"sub":"42","channel":"closed:a","exp":1}""", "closed:a", 109)]
    [TestCase("""{"sub":"42","channel":"closed:a","nbf":4000000000}""", "closed:a", 109)]
    [TestCase("""{"sub":"42","channel":"closed:a","expire_at":1}""", "closed:a", 110)]
    [TestCase("""{"sub":"42","channel":"unknown:a"}""", "unknown:a", 102)]
    [TestCase("""{"sub":"42","channel":"named:1"}""", "named:1", 107)]
    [Checklist(124, 65)]
    public void A_token_that_does_not_allow_the_subscription_is_an_error(string claims, string channel, int code)
    {
        using var rig = new BrokerRig(Options with { Clients = Options.Clients with { IsInsecure = channel[0] is '$' } });
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(link.Ask(Subscribe(channel, claims.StartsWith('{') ? TestToken.Of(claims) : claims)).Single(), Does.StartWith($$$"""{"id":2,"error":{"code":{{{code}}},"""));
        Assert.That(link.Connection.IsClosing, Is.False);
    }

    [TestCase("""{"sub":"7","channel":"closed:a"}""")]
    [TestCase("""{"channel":"closed:a"}""")]
    [TestCase("""{"sub":"42","channel":"closed:b"}""")]
    [TestCase("""{"sub":"42","channel":"closed:a","client":"another"}""")]
    [Checklist(124)]
    public void A_token_of_another_user_or_for_another_channel_ends_the_connection(string claims)
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(link.Ask(Subscribe("closed:a", TestToken.Of(claims))), Is.EqualTo(new[] { "close 3500 invalid token" }));
    }

    [Test]
    public async Task On_a_channel_of_claw_events_the_permissions_decide_despite_a_token()
    {
        using var rig = new BrokerRig(Options);
        await rig.Store.LockAsync(TestChannel.Named("agent.alice.x"));
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"bob"}"""));

        Assert.That(
            link.Ask(Subscribe("agent.alice.x", Token("bob", "agent.alice.x"))), Is.EqualTo(new[] { """{"id":2,"error":{"code":403,"message":"permission denied: locked"}}""" }));
        Assert.That(link.Ask(Subscribe("agent.alice.y", Token("bob", "agent.alice.y"))), Is.EqualTo(new[] { """{"id":2,"subscribe":{}}""" }));
    }

    [Test]
    [Checklist(131)]
    public void A_subscription_that_is_not_renewed_ends_with_2501_after_its_grace()
    {
        using var rig = new BrokerRig(Options with { Connections = Options.Connections with { PingInterval = TimeSpan.Zero } });
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        link.Ask(Subscribe("closed:a", Token("42", "closed:a", seconds: 60)));

        rig.Time.Advance(TimeSpan.FromSeconds(64.5));
        Assert.That(link.Received(), Is.Empty);

        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(link.Received(), Is.EqualTo(new[] { """{"push":{"channel":"closed:a","unsubscribe":{"code":2501,"reason":"subscription expired"}}}""" }));
        Assert.That(link.Connection.IsClosing, Is.False);
    }

    [Test]
    [Checklist(131, 125)]
    public void A_renewed_subscription_goes_on()
    {
        using var rig = new BrokerRig(Options with { Connections = Options.Connections with { PingInterval = TimeSpan.Zero } });
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        link.Ask(Subscribe("closed:a", Token("42", "closed:a", seconds: 60)));
        rig.Time.Advance(TimeSpan.FromSeconds(59));

        Assert.That(link.Ask(Renew("closed:a", Token("42", "closed:a", seconds: 159))), Is.EqualTo(new[] { """{"id":3,"sub_refresh":{"expires":true,"ttl":100}}""" }));

        rig.Time.Advance(TimeSpan.FromSeconds(104.5));
        Assert.That(link.Received(), Is.Empty);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(link.Received().Single(), Does.Contain("2501"));
    }

    [Test]
    public void A_renewal_may_set_an_end_for_a_subscription_without_one()
    {
        using var rig = new BrokerRig(Options with { Connections = Options.Connections with { PingInterval = TimeSpan.Zero } });
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        link.Ask(Subscribe("$plain", Token("42", "$plain")));

        Assert.That(link.Ask(Renew("$plain", Token("42", "$plain", seconds: 10))), Is.EqualTo(new[] { """{"id":3,"sub_refresh":{"expires":true,"ttl":10}}""" }));

        rig.Time.Advance(TimeSpan.FromSeconds(14.5));
        Assert.That(link.Received(), Is.Empty);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(link.Received().Single(), Does.Contain("2501"));
    }

    [Test]
    public void Each_subscription_of_a_connection_ends_on_time()
    {
        using var rig = new BrokerRig(Options with { Connections = Options.Connections with { PingInterval = TimeSpan.Zero, ExpiredSubscriptionCloseDelay = TimeSpan.FromSeconds(2) } });
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        link.Ask(Subscribe("closed:a", Token("42", "closed:a", seconds: 3)));
        link.Ask(Subscribe("$long", Token("42", "$long", seconds: 40)));
        link.Ask(Subscribe("$short", Token("42", "$short", seconds: 1)));

        var ended = new List<double>();
        for (var second = 0.5; second <= 60; second += 0.5)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(0.5));
            ended.AddRange(link.Received().Where(frame => frame.Contains("2501", StringComparison.Ordinal)).Select(_ => second));
        }

        Assert.That(ended, Is.EqualTo(new[] { 3, 5, 42 }).Within(0.5));
    }

    [TestCase("closed:a", "", """{"id":3,"error":{"code":107,"message":"bad request: token is missing"}}""")]
    [TestCase("closed:b", "token", """{"id":3,"error":{"code":103,"message":"permission denied: not_subscribed"}}""")]
    [TestCase("é", "token", """{"id":3,"error":{"code":103,"message":"permission denied"}}""")]
    [TestCase("", "token", "close 3501 bad request")]
    [TestCase("closed:a", "nonsense", "close 3500 invalid token")]
    [TestCase("closed:a", """{"sub":"42","channel":"closed:b"}""", "close 3500 invalid token")]
    [TestCase("closed:a", """{"sub":"7","channel":"closed:a"}""", "close 3500 invalid token")]
    [TestCase("closed:a", """{"sub":"42","channel":"closed:a","exp":1}""", """{"id":3,"error":{"code":109,"message":"token expired"}}""")]
    [TestCase("closed:a", """{"sub":"42","channel":"closed:a","expire_at":1}""", """{"id":3,"error":{"code":109,"message":"token expired"}}""")]
    [Checklist(131)]
    public void An_invalid_renewal_is_refused(string channel, string claims, string answer)
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        link.Ask(Subscribe("closed:a", Token("42", "closed:a", seconds: 60)));

        Assert.That(link.Ask(Renew(channel, claims.StartsWith('{') ? TestToken.Of(claims) : claims)), Is.EqualTo(new[] { answer }));
    }

    private static string Token(string user, string channel, double seconds = 0) =>
        TestToken.Of(seconds == 0 ? $$$"""{"sub":"{{{user}}}","channel":"{{{channel}}}"}""" : $$$"""{"sub":"{{{user}}}","channel":"{{{channel}}}","exp":{{{TestToken.Seconds(seconds)}}}}""");

    private static string Subscribe(string channel, string token) => $$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}","token":"{{{token}}}"}}""";

    private static string Renew(string channel, string token) => $$$"""{"id":3,"sub_refresh":{"channel":"{{{channel}}}","token":"{{{token}}}"}}""";
}
