using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Subscriptions with a position: their replies, what they recover, and when they have to start again.</summary>
internal sealed class ConnectionRecoveryTests : IDisposable
{
    private readonly BrokerRig _rig = new(TestNamespaces.Only(
        ("plain", TestNamespaces.History),
        ("pos", TestNamespaces.History with { ForcePositioning = true }),
        ("rec", TestNamespaces.History with { ForceRecovery = true }),
        ("ask", TestNamespaces.History with { AllowPositioning = true, AllowRecovery = true }),
        ("long", TestNamespaces.History with { ForceRecovery = true, HistorySize = 2_000 }),
        ("cache", TestNamespaces.History with { ForceRecovery = true, RecoveryMode = RecoveryMode.Cache }),
        ("auto", TestNamespaces.History with { ForceRecovery = true, RecoveryMode = RecoveryMode.Cache, AutoCacheRecover = true })));

    public void Dispose() => _rig.Dispose();

    [TestCase("plain:a", "", "{}")]
    [TestCase("plain:a", ",\"positioned\":true,\"recoverable\":true", "{}")]
    [TestCase("pos:a", "", "{\"epoch\":\"EPOCH\",\"positioned\":true}")]
    [TestCase("rec:a", "", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"positioned\":true}")]
    [TestCase("ask:a", "", "{}")]
    [TestCase("ask:a", ",\"positioned\":true", "{\"epoch\":\"EPOCH\",\"positioned\":true}")]
    [TestCase("ask:a", ",\"recoverable\":true", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"positioned\":true}")]
    [TestCase("plain:a", ",\"recover\":true,\"offset\":3", "{\"was_recovering\":true}")]
    [TestCase("ask:a", ",\"recover\":true", "{\"was_recovering\":true}")]
    [TestCase("pos:a", ",\"recover\":true", "{\"epoch\":\"EPOCH\",\"positioned\":true,\"was_recovering\":true}")]
    [Checklist(105, 107)]
    public void Positions_are_tracked_where_options_force_it_or_allow_it_and_the_client_asks(string channel, string wish, string expected) =>
        Assert.That(Subscribe(channel, wish), Is.EqualTo(new[] { $"{{\"id\":2,\"subscribe\":{expected}}}" }));

    [Test]
    public void The_publications_of_a_recovery_are_measured_and_those_of_a_failed_one_are_not()
    {
        using var reader = new MetricsReader(_rig.Get<BrokerMetrics>());
        for (var i = 1; i <= 7; i++)
        {
            _rig.Publish("rec:a", $"{i}");
        }

        Subscribe("rec:a", ",\"recover\":true,\"offset\":4");
        Subscribe("rec:a", ",\"recover\":true,\"offset\":7");
        Subscribe("rec:a", ",\"recover\":true,\"offset\":1,\"epoch\":\"other\"");
        Subscribe("rec:a", "");

        Assert.That(reader.Lines("clawevents_recoveries_publications_sum", "clawevents_recoveries_publications_count", "centrifugo_client_recovered_publications_sum"), Is.EqualTo(new[]
        {
            "centrifugo_client_recovered_publications_sum{} 3", "clawevents_recoveries_publications_count{} 2", "clawevents_recoveries_publications_sum{} 3",
        }));
        Assert.That(reader.Lines("clawevents_recoveries_total"), Is.EqualTo(new[] { "clawevents_recoveries_total{recovered=\"no\"} 1", "clawevents_recoveries_total{recovered=\"yes\"} 2" }));
    }

    [Test]
    [Checklist(95)]
    public void Offsets_count_from_1_and_the_first_publication_brings_the_epoch()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"rec:a\"}}");

        _rig.Publish("rec:a", "1");
        _rig.Publish("rec:a", "2");
        _rig.Publish("rec:a", "3", new() { SkipHistory = true });

        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":1,\"offset\":1,\"epoch\":\"EPOCH\"}}}",
            "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":2,\"offset\":2}}}",
            "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":3}}}",
        }));
    }

    [TestCase(2, "RIGHT", "\"publications\":[{\"data\":3,\"offset\":3},{\"data\":4,\"offset\":4}],\"recovered\":true,\"offset\":2")]
    [TestCase(2, "", "\"publications\":[{\"data\":3,\"offset\":3},{\"data\":4,\"offset\":4}],\"recovered\":true,\"offset\":2")]
    [TestCase(4, "RIGHT", "\"recovered\":true,\"offset\":4")]
    [TestCase(2, "wrong", "\"offset\":4")]
    [TestCase(5, "RIGHT", "\"offset\":4")]
    [Checklist(98, 99, 100, 101)]
    public void A_returning_client_gets_what_it_missed_or_learns_that_something_is_gone(int offset, string epoch, string expected)
    {
        Publish("rec:a", 4);

        var reply = Subscribe("rec:a", $",\"recover\":true,\"offset\":{offset},\"epoch\":\"{epoch.Replace("RIGHT", _rig.EpochOf("rec:a"), StringComparison.Ordinal)}\"");

        Assert.That(reply, Is.EqualTo(new[] { $"{{\"id\":2,\"subscribe\":{{\"recoverable\":true,\"epoch\":\"EPOCH\",{expected},\"positioned\":true,\"was_recovering\":true}}}}" }));
    }

    [Test]
    [Checklist(96, 100)]
    public void Publications_that_have_left_the_history_cannot_be_recovered()
    {
        Publish("rec:a", 7);

        Assert.That(Subscribe("rec:a", ",\"recover\":true,\"offset\":1").Single(), Does.Not.Contain("recovered").And.Contain("\"offset\":7"));
        Assert.That(Subscribe("rec:a", ",\"recover\":true,\"offset\":2").Single(), Does.Contain("\"recovered\":true,\"offset\":2"));
    }

    [TestCase(300)]
    [TestCase(301)]
    [TestCase(1_000)]
    [Checklist(102)]
    public void A_thousand_missed_publications_are_recovered_in_order(int missed)
    {
        Publish("long:a", missed);

        var reply = Subscribe("long:a", ",\"recover\":true").Single();

        using var json = JsonDocument.Parse(reply);
        var subscribe = json.RootElement.GetProperty("subscribe");
        Assert.That(subscribe.GetProperty("recovered").GetBoolean(), Is.True);
        Assert.That(
            subscribe.GetProperty("publications").EnumerateArray().Select(publication => publication.GetProperty("offset").GetInt32()), Is.EqualTo(Enumerable.Range(1, missed)));
    }

    [Test]
    [Checklist(102)]
    public void A_client_that_missed_more_than_the_limit_starts_again_at_the_position()
    {
        Publish("long:a", 1_001);

        Assert.That(
            Subscribe("long:a", ",\"recover\":true"),
            Is.EqualTo(new[] { "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"EPOCH\",\"offset\":1001,\"positioned\":true,\"was_recovering\":true}}" }));
    }

    [TestCase(5, 5, true)]
    [TestCase(5, 6, false)]
    [TestCase(700, 700, true)]
    [TestCase(700, 701, false)]
    [TestCase(0, 1_500, true)]
    public void The_operator_sets_how_much_is_recovered(int limit, int missed, bool isRecovered)
    {
        using var rig = new BrokerRig(new BrokerOptions
        {
            Connections = new() { MaxRecoveredPublications = limit },
            Namespaces = TestNamespaces.Of(("long", TestNamespaces.History with { ForceRecovery = true, HistorySize = 2_000 })),
        });
        for (var i = 0; i < missed; i++)
        {
            rig.Publish("long:a", "1");
        }

        var reply = new ClientLink(rig).Connected().Ask("{\"id\":2,\"subscribe\":{\"channel\":\"long:a\",\"recover\":true}}").Single();

        Assert.That(reply.Contains("\"recovered\":true", StringComparison.Ordinal), Is.EqualTo(isRecovered));
    }

    [Test]
    [Checklist(104, 191)]
    public void A_client_that_rejects_partial_recovery_gets_an_error_and_no_subscription()
    {
        Publish("rec:a", 7);

        var reply = Subscribe("rec:a", ",\"recover\":true,\"offset\":1,\"flag\":2");

        Assert.That(reply, Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":112,\"message\":\"unrecoverable position\"}}" }));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
    }

    [Test]
    [Checklist(191)]
    public void After_the_error_a_client_continues_from_the_state_that_it_has_read()
    {
        Publish("rec:a", 7);
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"rec:a\",\"recover\":true,\"offset\":1,\"flag\":2}}");

        // The state is of the moment before the last publication.
        var reply = link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"rec:a\",\"recover\":true,\"offset\":6,\"flag\":2}}");
        _rig.Publish("rec:a", "8");

        Assert.That(reply.Single(), Does.Contain("\"publications\":[{\"data\":7,\"offset\":7}],\"recovered\":true,\"offset\":6"));
        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":8,\"offset\":8}}}" }));
    }

    [TestCase("cache:a", 0, ",\"recover\":true", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"positioned\":true,\"was_recovering\":true}")]
    [TestCase("cache:a", 3, ",\"recover\":true", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":3,\"offset\":3}],\"recovered\":true,\"positioned\":true,\"was_recovering\":true}")]
    [TestCase("cache:a", 3, "", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"offset\":3,\"positioned\":true}")]
    [TestCase("auto:a", 3, "", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":3,\"offset\":3}],\"recovered\":true,\"positioned\":true,\"was_recovering\":true}")]
    [TestCase("auto:a", 0, "", "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"positioned\":true,\"was_recovering\":true}")]
    [Checklist(106)]
    public void In_cache_mode_the_latest_publication_is_all_that_is_recovered(string channel, int publications, string wish, string expected)
    {
        Publish(channel, publications);

        Assert.That(Subscribe(channel, wish), Is.EqualTo(new[] { $"{{\"id\":2,\"subscribe\":{expected}}}" }));
    }

    [Test]
    [Checklist(106)]
    public void In_cache_mode_a_client_that_has_the_latest_publication_gets_none()
    {
        Publish("cache:a", 3);

        var reply = Subscribe("cache:a", $",\"recover\":true,\"offset\":3,\"epoch\":\"{_rig.EpochOf("cache:a")}\"").Single();

        Assert.That(reply, Does.Contain("\"recovered\":true,\"offset\":3").And.Not.Contain("publications"));
    }

    [Test]
    public void Publications_after_a_recovery_follow_it_without_a_gap()
    {
        Publish("rec:a", 2);
        var link = new ClientLink(_rig).Connected();

        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"rec:a\",\"recover\":true,\"offset\":1}}");
        _rig.Publish("rec:a", "3");

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"rec:a\",\"pub\":{\"data\":3,\"offset\":3}}}" }));
    }

    [Test]
    [Checklist(111)]
    public void A_gap_ends_the_subscription_so_that_the_client_recovers()
    {
        Publish("rec:a", 1);
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"rec:a\"}}");

        Deliver("rec:a", 3);
        Deliver("rec:a", 4);

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"rec:a\",\"unsubscribe\":{\"code\":2500,\"reason\":\"insufficient state\"}}}" }));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
        Assert.That(link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"rec:a\"}}").Single(), Does.StartWith("{\"id\":3,\"subscribe\":"));
    }

    [Test]
    public void Another_epoch_ends_the_subscription_and_a_known_offset_is_ignored()
    {
        Publish("rec:a", 2);
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"rec:a\"}}");

        Deliver("rec:a", 2);
        var silence = link.Received();
        Deliver("rec:a", 3, "another");

        Assert.That(silence, Is.Empty);
        Assert.That(link.Received().Single(), Does.Contain("\"code\":2500"));
    }

    [Test]
    public void A_gap_does_not_end_subscriptions_that_track_no_position()
    {
        Publish("plain:a", 1);
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"plain:a\"}}");

        Deliver("plain:a", 3);

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"plain:a\",\"pub\":{\"data\":0,\"offset\":3}}}" }));
    }

    private string[] Subscribe(string channel, string wish) =>
        new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"{wish}}}}}");

    private void Publish(string channel, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            _rig.Publish(channel, $"{i}");
        }
    }

    // As an engine on another node would after losing a message.
    private void Deliver(string channel, ulong offset, string? epoch = null) =>
        _rig.Hub.Deliver(TestChannel.Named(channel), new() { Position = new(offset, epoch ?? _rig.EpochOf(channel)), Publication = new("0".Utf8()) });
}
