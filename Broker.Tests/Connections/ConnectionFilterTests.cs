using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Subscriptions with a tag filter.</summary>
[Checklist(72)]
internal sealed class ConnectionFilterTests : IDisposable
{
    private const string Red = ",\"tf\":{\"key\":\"colour\",\"cmp\":\"eq\",\"val\":\"red\"}";
    private const string Refusal = "bad request: a tag filter (tf) is a comparison (key, cmp, val or vals) or and, or, not of nodes; 100 at most, 10 deep";

    private readonly BrokerRig _rig;
    private PausingEngine _engine = null!;

    public ConnectionFilterTests() => _rig = new BrokerRig(
        TestNamespaces.Only(
            ("off", TestNamespaces.Open),
            ("plain", TestNamespaces.Open with { AllowTagsFilter = true }),
            ("rec", TestNamespaces.History with { AllowTagsFilter = true, ForceRecovery = true, AllowFossilDelta = true, DeltaPublish = true })),
        engine: inner => _engine = new PausingEngine(inner));

    public void Dispose() => _rig.Dispose();

    [TestCase("off:a", Red, "bad request: the namespace allows no tag filters (allow_tags_filter)")]
    [TestCase("public.a", Red, "bad request: the namespace allows no tag filters (allow_tags_filter)")]
    [TestCase("plain:a", ",\"tf\":{}", Refusal)]
    [TestCase("plain:a", ",\"tf\":{\"key\":\"a\",\"cmp\":\"like\"}", Refusal)]
    [TestCase("plain:a", ",\"tf\":{\"key\":5,\"cmp\":\"ex\"}", Refusal)]
    public void A_filter_that_is_not_allowed_or_invalid_is_refused(string channel, string filter, string refusal) =>
        Assert.That(Subscribe(new ClientLink(_rig).Connected(), channel, filter), Is.EqualTo(new[] { $"{{\"id\":2,\"error\":{{\"code\":107,\"message\":\"{refusal}\"}}}}" }));

    [Test]
    public void An_unknown_channel_is_reported_before_the_filter() =>
        Assert.That(Subscribe(new ClientLink(_rig).Connected(), "none:a", Red), Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":102,\"message\":\"unknown channel\"}}" }));

    [TestCase(",\"tf\":null")]
    [TestCase("")]
    public void A_subscription_without_a_filter_gets_all_publications(string filter)
    {
        var link = new ClientLink(_rig).Connected();
        Subscribe(link, "plain:a", filter);

        Publish("plain:a", 1, "blue");

        Assert.That(link.Received(), Has.Length.EqualTo(1));
    }

    [Test]
    public void Publications_that_do_not_match_go_to_other_subscribers_only()
    {
        var (link, other) = (new ClientLink(_rig).Connected(), new ClientLink(_rig).Connected());
        Subscribe(link, "plain:a", Red);
        Subscribe(other, "plain:a", "");

        Publish("plain:a", 1, "blue");
        Publish("plain:a", 2, "red");
        Publish("plain:a", 3, null);

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"plain:a\",\"pub\":{\"data\":2,\"tags\":{\"colour\":\"red\"}}}}" }));
        Assert.That(other.Received(), Has.Length.EqualTo(3));
    }

    [Test]
    public void Publications_that_the_filter_leaves_out_are_not_a_gap()
    {
        var link = new ClientLink(_rig).Connected();
        Subscribe(link, "rec:a", Red);

        Publish("rec:a", 1, "red");
        Publish("rec:a", 2, "blue");
        Publish("rec:a", 3, "blue");
        Publish("rec:a", 4, "red");

        Assert.That(link.Received().Select(OffsetOf), Is.EqualTo(new[] { "1", "4" }));
    }

    [Test]
    public void Recovered_publications_are_filtered_and_not_deltas()
    {
        Publish("rec:a", 1, "red");
        Publish("rec:a", 2, "blue");
        Publish("rec:a", 3, "red");
        var link = new ClientLink(_rig).Connected();

        var reply = Subscribe(link, "rec:a", $"{Red},\"recover\":true,\"delta\":\"fossil\"");
        Publish("rec:a", 4, "red");

        Assert.That(reply.Single(), Is.EqualTo(
            "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":1,\"offset\":1,\"tags\":{\"colour\":\"red\"}},"
            + "{\"data\":3,\"offset\":3,\"tags\":{\"colour\":\"red\"}}],\"recovered\":true,\"positioned\":true,\"was_recovering\":true}}"));
        Assert.That(link.Received().Single(), Does.Contain("\"data\":4,\"offset\":4"));
    }

    [Test]
    public void Publications_during_the_history_read_are_filtered_and_counted()
    {
        var link = new ClientLink(_rig).Connected();
        _engine.Pause();
        link.Send($"{{\"id\":2,\"subscribe\":{{\"channel\":\"rec:a\"{Red}}}}}");

        Publish("rec:a", 1, "blue");
        Publish("rec:a", 2, "red");
        Publish("rec:a", 3, "blue");
        _engine.Resume();
        Publish("rec:a", 4, "red");

        Assert.That(link.Received()[1..].Select(OffsetOf), Is.EqualTo(new[] { "2", "4" }));
    }

    private static string[] Subscribe(ClientLink link, string channel, string more) => link.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"{more}}}}}");

    private static string OffsetOf(string push) => System.Text.RegularExpressions.Regex.Match(push, "\"offset\":([0-9]+)").Groups[1].Value;

    private void Publish(string channel, int data, string? colour) =>
        _rig.Publish(channel, $"{data}", tags: colour is null ? null : new Dictionary<string, string> { ["colour"] = colour });
}
