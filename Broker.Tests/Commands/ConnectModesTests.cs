using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Commands;

/// <summary>Clients that may connect, the identity they get, and their first subscriptions.</summary>
internal sealed class ConnectModesTests
{
    private static readonly BrokerOptions Options = new()
    {
        Connections = new() { PingInterval = TimeSpan.Zero },
        Namespaces = new ChannelNamespaces(new Dictionary<string, ChannelOptions> { ["chat"] = new() { Presence = true, ReadPresence = new(true, true, true) }, ["personal"] = new() }, new ChannelOptions()),
    };

    [TestCase(true, false, true)]
    [TestCase(false, true, true)]
    [TestCase(false, false, false)]
    [Checklist(31, 32, 33)]
    public void Without_a_token_a_client_is_anonymous_where_that_is_allowed(bool allowAnonymous, bool insecure, bool isConnected)
    {
        using var rig = new BrokerRig(Options with { Clients = Options.Clients with { AllowAnonymous = allowAnonymous, IsInsecure = insecure } });
        var link = new ClientLink(rig);

        var reply = link.Ask("""{"id":1,"connect":{}}""").Single();

        Assert.That(reply, isConnected ? Does.StartWith("""{"id":1,"connect":{"client":"CLIENT",""") : Is.EqualTo("close 3501 bad request"));
        Assert.That(link.Connection.Principal.Name, Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    [Checklist(135)]
    public void A_bad_token_is_refused_even_where_none_is_needed(bool insecure)
    {
        using var rig = new BrokerRig(Options with { Clients = Options.Clients with { IsInsecure = insecure } });

        Assert.That(new ClientLink(rig).Ask("""{"id":1,"connect":{"token":"nonsense"}}"""), Is.EqualTo(new[] { "close 3500 invalid token" }));
    }

    [TestCase("{}")]
    [TestCase("""{"sub":""}""")]
    public void A_token_without_a_user_may_be_refused(string claims)
    {
        using var rig = new BrokerRig(Options with { Clients = new() { DisallowAnonymousTokens = true } });

        Assert.That(new ClientLink(rig).Ask(Connect(claims)), Is.EqualTo(new[] { "close 3507 permission denied" }));
        new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        new ClientLink(rig).Connected();
    }

    [Test]
    [Checklist(127)]
    public void A_connection_that_has_already_expired_is_refused_with_110()
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig);

        Assert.That(
            link.Ask(Connect($$"""{"sub":"42","exp":{{TestToken.Seconds(60)}},"expire_at":1}""")), Is.EqualTo(new[] { """{"id":1,"error":{"code":110,"message":"expired"}}""" }));
        Assert.That(link.Ask("""{"id":2,"subscribe":{"channel":"public.a"}}"""), Is.Empty);
    }

    [Test]
    [Checklist(38)]
    public void A_user_may_be_limited_to_a_number_of_connections()
    {
        using var rig = new BrokerRig(Options with { Clients = new() { UserConnectionLimit = 2 } });
        var links = Enumerable.Range(0, 2).Select(_ => new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""))).ToArray();

        Assert.That(new ClientLink(rig).Ask(Connect("""{"sub":"42"}""")), Is.EqualTo(new[] { "close 3504 connection limit" }));
        new ClientLink(rig).Connected(TestToken.Of("""{"sub":"7"}"""));
        Assert.That(Enumerable.Range(0, 5).Select(_ => new ClientLink(rig).Connected()).ToArray(), Has.Length.EqualTo(5), "anonymous ones may be any number");

        links[0].Hang();
        new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
    }

    [Test]
    public void A_refused_connect_does_not_count_as_a_connection()
    {
        using var rig = new BrokerRig(Options with { Clients = new() { UserConnectionLimit = 1 } });

        Assert.That(new ClientLink(rig).Ask(Connect("""{"sub":"42","channels":["unknown:a"]}""")), Is.EqualTo(new[] { """{"id":1,"error":{"code":102,"message":"unknown channel"}}""" }));
        new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
    }

    [Test]
    [Checklist(37)]
    public void The_connect_reply_may_have_the_time()
    {
        using var rig = new BrokerRig(Options with { Clients = new() { TellsTime = true } });

        Assert.That(new ClientLink(rig).Ask("""{"id":1,"connect":{}}""").Single(), Does.EndWith($",\"time\":{ManualTimeProvider.Start.ToUnixTimeMilliseconds()}}}}}"));
    }

    [TestCase("", "#42")]
    [TestCase("personal", "personal:#42")]
    [Checklist(171)]
    public void A_user_may_have_a_personal_channel(string space, string channel)
    {
        using var rig = new BrokerRig(Options with { Clients = new() { HasPersonalChannels = true, PersonalChannelNamespace = space } });
        var link = new ClientLink(rig);

        Assert.That(link.Ask(Connect("""{"sub":"42"}""")).Single(), Does.Contain($$$""","subs":{"{{{channel}}}":{}}"""));
        Assert.That(new ClientLink(rig).Ask("""{"id":1,"connect":{}}""").Single(), Does.Not.Contain("subs"));

        rig.Publish(channel, "1");
        Assert.That(link.Received(), Is.EqualTo(new[] { """{"push":{"channel":"NAME","pub":{"data":1}}}""".Replace("NAME", channel, StringComparison.Ordinal) }));
    }

    [Test]
    [Checklist(171)]
    public void A_personal_channel_may_have_a_single_connection()
    {
        using var rig = new BrokerRig(Options with { Clients = new() { HasPersonalChannels = true, HasSinglePersonalConnection = true } });
        var first = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));
        var other = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"7"}"""));

        var second = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42"}"""));

        Assert.That(first.Received(), Is.EqualTo(new[] { "close 3504 connection limit" }));
        Assert.That(second.Connection.IsClosing || other.Connection.IsClosing, Is.False);
    }

    [Test]
    [Checklist(36, 128)]
    public void A_token_may_grant_channels_or_subs_with_options()
    {
        using var rig = new BrokerRig(Options);

        var channels = new ClientLink(rig).Ask(Connect("""{"sub":"42","channels":["chat:a","chat:b"]}""")).Single();
        var link = new ClientLink(rig);
        var subs = link.Ask(Connect("""{"sub":"42","channels":["chat:b"],"subs":{"chat:a":{"info":{"s":1},"data":{"d":1},"override":{"presence":{"value":true}}}}}""")).Single();

        Assert.That(channels, Does.Contain("""
            "subs":{"chat:a":{},"chat:b":{}}
            """.Trim()));
        Assert.That(subs, Does.Contain("""
            "subs":{"chat:a":{"data":{"d":1}}}
            """.Trim()));
        Assert.That(link.Ask("""{"id":2,"presence":{"channel":"chat:a"}}""").Single(), Does.Contain("""
            "user":"42","client":"CLIENT","chan_info":{"s":1}
            """.Trim()));
    }

    [Test]
    public async Task A_token_does_not_open_a_locked_channel_of_claw_events()
    {
        using var rig = new BrokerRig(Options);
        await rig.Store.LockAsync(TestChannel.Named("agent.alice.x"));

        var reply = new ClientLink(rig).Ask(Connect("""{"sub":"bob","channels":["agent.alice.x","agent.alice.y"]}""")).Single();

        Assert.That(reply, Does.Contain(""","subs":{"agent.alice.y":{}}""").And.Not.Contain("agent.alice.x"));
    }

    [TestCase("""["chat:a"]""", false)]
    [TestCase("""["chat:a","chat:b"]""", true)]
    [TestCase("[]", true)]
    [TestCase("""["chat:c"]""", true)]
    [Checklist(126)]
    public void A_refresh_with_other_channels_makes_the_client_connect_again(string channels, bool isDisconnected)
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42","channels":["chat:a"]}"""));

        var answer = link.Ask($$$"""{"id":2,"refresh":{"token":"{{{TestToken.Of($$"""{"sub":"42","channels":{{channels}}}""")}}}"}}""").Single();

        Assert.That(answer, isDisconnected ? Is.EqualTo("close 3010 insufficient state") : Does.StartWith("""{"id":2,"refresh":{"client":"CLIENT","""));
    }

    [Test]
    [Checklist(129)]
    public void A_refresh_brings_new_info()
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected(TestToken.Of("""{"sub":"42","info":{"v":1},"channels":["chat:a"]}"""));
        link.Ask($$$"""{"id":2,"refresh":{"token":"{{{TestToken.Of("""{"sub":"42","b64info":"eyJ2IjoyfQ==","channels":["chat:a"]}""")}}}"}}""");

        rig.Time.Advance(TimeSpan.FromSeconds(28));

        Assert.That(link.Ask("""{"id":3,"presence":{"channel":"chat:a"}}""").Single(), Does.Contain("""
            "conn_info":{"v":2}
            """.Trim()));
    }

    private static string Connect(string claims) => $$$"""{"id":1,"connect":{"token":"{{{TestToken.Of(claims)}}}"}}""";
}
