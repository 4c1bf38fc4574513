using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Commands;

/// <summary>Subscriptions that the server makes: with a connect, and later.</summary>
internal sealed class ServerSubscriptionTests : IDisposable
{
    private readonly BrokerRig _rig = new(new BrokerOptions
    {
        Connections = new() { MaxSubscriptionsPerConnection = 3, PingInterval = TimeSpan.Zero },
        Namespaces = TestNamespaces.Of(
            ("open", TestNamespaces.Open),
            ("shut", new ChannelOptions()),
            ("rec", TestNamespaces.History with { ForceRecovery = true }),
            ("room", TestNamespaces.Open with { Presence = true, JoinLeave = true, ForcePushJoinLeave = true }),
            ("asks", TestNamespaces.Open with { SubscribeProxy = "default" })),
    });

    public void Dispose() => _rig.Dispose();

    [Test]
    public void Channels_of_a_token_are_in_the_connect_reply_and_their_publications_follow()
    {
        var link = new ClientLink(_rig);

        var reply = Connect(link, "{\"sub\":\"bob\",\"channels\":[\"shut:a\",\"public.a\"]}");
        _rig.Publish("shut:a", "1");
        _rig.Publish("public.a", "2");

        Assert.That(reply, Is.EqualTo("{\"id\":1,\"connect\":{\"client\":\"CLIENT\",\"version\":\"0.1.0 ClawEvents\",\"subs\":{\"shut:a\":{},\"public.a\":{}}}}"));
        Assert.That(link.Received(), Is.EqualTo(new[] { TestPush.Text("shut:a", "1"), TestPush.Text("public.a", "2") }));
    }

    [Test]
    public void A_grant_brings_data_options_and_info()
    {
        var link = new ClientLink(_rig);

        var reply = Connect(
            link, "{\"sub\":\"bob\",\"subs\":{\"rec:a\":{\"data\":{\"x\":1},\"info\":\"here\",\"override\":{\"force_recovery\":{\"value\":false},\"force_positioning\":{\"value\":true}}}}}");
        link.Send("{\"id\":2,\"publish\":{\"channel\":\"rec:a\",\"data\":1}}");

        Assert.That(reply, Does.Contain("\"subs\":{\"rec:a\":{\"epoch\":\"EPOCH\",\"positioned\":true,\"data\":{\"x\":1}}}"));
        Assert.That(link.Received()[0], Does.Contain("\"info\":{\"user\":\"bob\",\"client\":\"CLIENT\",\"chan_info\":\"here\"}"));
    }

    [Test]
    public void Server_side_subscriptions_recover_with_the_connect()
    {
        _rig.Publish("rec:a", "1");
        _rig.Publish("rec:a", "2");
        var link = new ClientLink(_rig);

        var reply = Connect(link, "{\"sub\":\"bob\",\"channels\":[\"rec:a\"]}", ",\"subs\":{\"rec:a\":{\"recover\":true,\"offset\":1}}");
        _rig.Publish("rec:a", "3");

        Assert.That(reply, Does.Contain(
            "\"subs\":{\"rec:a\":{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":2,\"offset\":2}],\"recovered\":true,\"offset\":1,\"positioned\":true,\"was_recovering\":true}}"));
        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":3,\"offset\":3}}}" }));
    }

    [TestCase("open:a", "\"subs\":{\"open:a\":{}}")]
    [TestCase("public.a", "\"subs\":{\"public.a\":{}}")]
    [TestCase("shut:a", null)]
    [TestCase("asks:a", null)]
    [TestCase("$open:a", null)]
    [TestCase("bogus", null)]
    [TestCase("agent.o.locked", null)]
    [TestCase("é", null)]
    public async Task A_connect_may_ask_for_channels_that_the_client_may_subscribe_to(string channel, string? expected)
    {
        await _rig.Store.LockAsync(TestChannel.Named("agent.o.locked"));

        var reply = new ClientLink(_rig).Ask($"{{\"id\":1,\"connect\":{{\"subs\":{{\"{channel}\":{{}}}}}}}}").Single();

        Assert.That(reply, expected is null ? Does.Not.Contain("subs") : Does.Contain(expected));
        Assert.That(_rig.Hub.SubscriptionCount, Is.EqualTo(expected is null ? 0 : 1));
    }

    [Test]
    public void A_channel_of_a_missing_namespace_is_an_error_if_granted_and_a_bad_request_if_asked()
    {
        var granted = Connect(new ClientLink(_rig), "{\"sub\":\"bob\",\"channels\":[\"open:a\",\"nowhere:a\"]}");
        var asked = new ClientLink(_rig).Ask("{\"id\":1,\"connect\":{\"subs\":{\"open:a\":{},\"nowhere:a\":{}}}}");

        Assert.That(granted, Is.EqualTo("{\"id\":1,\"error\":{\"code\":102,\"message\":\"unknown channel\"}}"));
        Assert.That(asked, Is.EqualTo(new[] { "close 3501 bad request" }));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
    }

    [Test]
    public void Too_many_granted_channels_end_the_connection()
    {
        var reply = Connect(new ClientLink(_rig), "{\"sub\":\"bob\",\"channels\":[\"open:a\",\"open:b\",\"open:c\",\"open:d\"]}");

        Assert.That(reply, Is.EqualTo("close 3505 channel limit"));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
    }

    [Test]
    public async Task A_live_connection_is_subscribed_with_a_push_and_unsubscribed_with_another()
    {
        var link = new ClientLink(_rig).Connected();

        var error = await _rig.Subscriptions.SubscribeAsync(link.Connection, new AllowedSubscription("rec:a", Data: "{\"x\":1}".Utf8()), DateTimeOffset.MaxValue);
        _rig.Publish("rec:a", "1");
        var isEnded = ServerSubscriptions.Unsubscribe(link.Connection, TestChannel.Named("rec:a"), UnsubscribeCode.ServerUnsubscribe);
        _rig.Publish("rec:a", "2");

        Assert.That((error, isEnded), Is.EqualTo((default(ErrorCode), true)));
        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"rec:a\",\"subscribe\":{\"recoverable\":true,\"epoch\":\"EPOCH\",\"positioned\":true,\"data\":{\"x\":1}}}}",
            "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":1,\"offset\":1,\"epoch\":\"EPOCH\"}}}",
            "{\"push\":{\"channel\":\"rec:a\",\"unsubscribe\":{\"code\":2000,\"reason\":\"server unsubscribe\"}}}",
        }));
        Assert.That(ServerSubscriptions.Unsubscribe(link.Connection, TestChannel.Named("rec:a"), UnsubscribeCode.ServerUnsubscribe), Is.False);
    }

    [Test]
    public async Task A_repeated_subscription_is_made_again_and_delivers_every_publication_once()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"open:a\"}}");

        await _rig.Subscriptions.SubscribeAsync(link.Connection, new("open:a"), DateTimeOffset.MaxValue);
        await _rig.Subscriptions.SubscribeAsync(link.Connection, new("open:a"), DateTimeOffset.MaxValue);
        _rig.Publish("open:a", "1");

        const string push = "{\"push\":{\"channel\":\"open:a\",\"subscribe\":{}}}";
        Assert.That(link.Received(), Is.EqualTo(new[] { push, push, TestPush.Text("open:a", "1") }));
    }

    [TestCase("é", 107)]
    [TestCase("nowhere:a", 102)]
    [TestCase("bogus", 102)]
    public async Task An_invalid_channel_is_an_error(string channel, int code)
    {
        var link = new ClientLink(_rig).Connected();

        var error = await _rig.Subscriptions.SubscribeAsync(link.Connection, new(channel), DateTimeOffset.MaxValue);

        Assert.That(error?.Code, Is.EqualTo(code));
        Assert.That(link.Received(), Is.Empty);
    }

    [Test]
    public async Task A_closed_connection_is_not_subscribed()
    {
        var link = new ClientLink(_rig).Connected();
        link.Hang();

        await _rig.Subscriptions.SubscribeAsync(link.Connection, new("room:a"), DateTimeOffset.MaxValue);

        Assert.That((_rig.Hub.SubscriptionCount, (await _rig.Engine.GetPresenceStatsAsync(TestChannel.Named("room:a"))).Clients), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_client_may_end_a_server_side_subscription()
    {
        var link = new ClientLink(_rig);
        Connect(link, "{\"sub\":\"bob\",\"channels\":[\"open:a\"]}");

        var reply = link.Ask("{\"id\":2,\"unsubscribe\":{\"channel\":\"open:a\"}}");
        _rig.Publish("open:a", "1");

        Assert.That(reply, Is.EqualTo(new[] { "{\"id\":2,\"unsubscribe\":{}}" }));
        Assert.That(link.Received(), Is.Empty);
    }

    [Test]
    public void A_gap_closes_the_connection_so_that_the_client_reconnects_and_recovers()
    {
        var link = new ClientLink(_rig);
        Connect(link, "{\"sub\":\"bob\",\"channels\":[\"rec:a\"]}");

        _rig.Hub.Deliver(TestChannel.Named("rec:a"), new() { Position = new(9, "another"), Publication = new("1".Utf8()) });

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3010 insufficient state" }));
    }

    [Test]
    public void Granted_subscriptions_are_present_and_their_joins_follow_the_connect_reply()
    {
        var link = new ClientLink(_rig);
        link.Send($"{{\"id\":1,\"connect\":{{\"token\":\"{TestToken.Of("{\"sub\":\"bob\",\"channels\":[\"room:a\"]}")}\"}}}}");

        var heard = link.Received();

        Assert.That(heard[0], Does.Contain("\"subs\":{\"room:a\":{}}"));
        Assert.That(heard[1..], Is.EqualTo(new[] { "{\"push\":{\"channel\":\"room:a\",\"join\":{\"info\":{\"user\":\"bob\",\"client\":\"CLIENT\"}}}}" }));
        Assert.That(link.Ask("{\"id\":2,\"presence_stats\":{\"channel\":\"room:a\"}}").Single(), Does.Contain("\"num_clients\":1"));
    }

    [Test]
    public async Task A_subscription_of_the_server_that_cannot_be_checked_closes_the_connection_so_that_the_client_gets_it_again()
    {
        var link = new ClientLink(_rig).Connected();
        await _rig.Subscriptions.SubscribeAsync(link.Connection, new("open:a"), DateTimeOffset.MaxValue);
        link.TakeAll();
        var subscription = link.Connection.Subscriptions.Find(TestChannel.Named("open:a"))!;

        link.Connection.EndSubscription(subscription, UnsubscribeCode.InsufficientState);

        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3010 insufficient state" }));
    }

    [TestCase(true, "close 3006 subscription expired")]
    [TestCase(false, null)]
    public async Task An_expired_subscription_ends_its_connection_unless_it_is_prolonged(bool expires, string? expected)
    {
        var link = new ClientLink(_rig).Connected();
        await _rig.Subscriptions.SubscribeAsync(link.Connection, new("open:a"), _rig.Time.GetUtcNow().AddSeconds(60));

        _rig.Time.Advance(TimeSpan.FromSeconds(60));
        var atItsEnd = link.Received();
        if (!expires)
        {
            link.Connection.Subscriptions.Find(TestChannel.Named("open:a"))!.Terms!.Prolong(DateTimeOffset.MaxValue);
        }

        _rig.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(atItsEnd, Is.EqualTo(new[] { "{\"push\":{\"channel\":\"open:a\",\"subscribe\":{}}}" }));
        Assert.That(link.Received(), Is.EqualTo(expected is null ? Array.Empty<string>() : [expected]));
    }

    private static string Connect(ClientLink link, string claims, string more = "") =>
        link.Ask($"{{\"id\":1,\"connect\":{{\"token\":\"{TestToken.Of(claims)}\"{more}}}}}").First();
}
