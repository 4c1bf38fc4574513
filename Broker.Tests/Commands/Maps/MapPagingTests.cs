using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Tests.Commands.Maps;

/// <summary>What happens while a client reads a map: changes, the end of keys and of the map, and clients and engines that are too slow or away.</summary>
internal sealed class MapPagingTests : MapSubscribeTestBase
{
    [Test]
    public void A_client_that_is_not_live_in_time_is_disconnected()
    {
        var (slow, quick) = (Connect(), Connect());
        Publish("map:a", "a", "1");
        Publish("map:a", "b", "1");
        Subscribe(slow, "map:a", ",\"phase\":2,\"limit\":1");
        Subscribe(quick, "map:a", ",\"phase\":2,\"limit\":1");
        Rig.Time.Advance(TimeSpan.FromSeconds(4));
        Subscribe(quick, "map:a", ",\"phase\":2,\"limit\":1,\"cursor\":\"a\"");

        Rig.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.That(slow.Received(), Is.EqualTo(new[] { "close 3008 slow" }));
        Assert.That(quick.Received(), Is.Empty);
    }

    [Test]
    public void A_client_that_has_unsubscribed_between_pages_may_begin_again_and_has_its_full_time()
    {
        var link = Connect();
        Publish("map:a", "a", "1");
        Publish("map:a", "b", "1");
        Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1");
        Rig.Time.Advance(TimeSpan.FromSeconds(4));

        link.Ask("{\"id\":90,\"unsubscribe\":{\"channel\":\"map:a\"}}");
        Assert.That(ErrorOf(link, "map:a", ",\"phase\":2,\"cursor\":\"a\""), Is.EqualTo(ErrorCode.PermissionDenied.Code));
        Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1");
        Rig.Time.Advance(TimeSpan.FromSeconds(4));

        Assert.That(Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1,\"cursor\":\"a\""), Does.StartWith("{\"recoverable\":true"));
    }

    [Test]
    public void A_map_that_is_cleared_between_pages_or_before_the_last_read_is_read_again()
    {
        var link = Connect();
        Publish("map:a", "a", "1");
        Publish("map:a", "b", "1");
        Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1");
        Clear("map:a");

        Assert.That(ErrorOf(link, "map:a", ",\"phase\":2,\"cursor\":\"a\""), Is.EqualTo(ErrorCode.UnrecoverablePosition.Code));
        Publish("map:a", "a", "1");
        Engine.AfterRead = () =>
        {
            Engine.AfterRead = null;
            Clear("map:a");
        };
        Assert.That(ErrorOf(link, "map:a", ",\"phase\":2"), Is.EqualTo(ErrorCode.UnrecoverablePosition.Code));
        Assert.That(Subscribe(link, "map:a", ",\"phase\":2"), Is.EqualTo("{\"recoverable\":true,\"epoch\":\"EPOCH\",\"type\":1}"));
    }

    [Test]
    public void Clearing_a_map_has_its_subscribers_subscribe_again()
    {
        var (kept, brief) = (Connect(), Connect());
        Subscribe(kept, "map:a", ",\"phase\":2");
        Subscribe(brief, "brief:a", ",\"phase\":2");

        Clear("map:a");
        Clear("brief:a");

        Assert.That(kept.Received().Single(), Does.Contain("\"unsubscribe\":{\"code\":2500"));
        Assert.That(brief.Received().Single(), Does.Contain("\"unsubscribe\":{\"code\":2500"));
    }

    [TestCase("map:a")]
    [TestCase("brief:a")]
    public void Changes_between_the_last_read_and_the_reply_follow_the_reply(string channel)
    {
        var link = Connect();
        Publish(channel, "a", "1");
        Engine.AfterRead = () =>
        {
            Engine.AfterRead = null;
            Publish(channel, "b", "2");
            Remove(channel, "a");
        };

        link.Send($"{{\"id\":9,\"subscribe\":{{\"channel\":\"{channel}\",\"type\":1,\"phase\":2}}}}");

        var received = link.Received();
        Assert.That(string.Join('\n', received), Does.Match("(?s)^\\{\"id\":9,\"subscribe\".*\"b\".*\"a\",\"removed\":true"));
        Assert.That(received[0], Does.Contain("\"state\":[{\"data\":1,"));
    }

    [Test]
    public void An_ephemeral_map_that_changes_more_than_may_wait_for_a_client_is_read_again()
    {
        var link = Connect();
        Publish("brief:a", "a", "1");
        Publish("brief:a", "b", "1");
        Subscribe(link, "brief:a", ",\"phase\":2,\"limit\":1");
        for (var i = 0; i < 50; i++)
        {
            Publish("brief:a", "c", $"\"{new string('x', 100)}\"");
        }

        Assert.That(ErrorOf(link, "brief:a", ",\"phase\":2,\"cursor\":\"a\""), Is.EqualTo(ErrorCode.UnrecoverablePosition.Code));
        Assert.That(Subscribe(link, "brief:a", ",\"phase\":2"), Does.Contain("\"state\":["));
    }

    [Test]
    public void A_key_that_expires_between_pages_is_gone_for_the_client_too()
    {
        var link = Connect();
        Publish("brief:a", "a", "1");
        Rig.Time.Advance(TimeSpan.FromSeconds(59));
        Publish("brief:a", "b", "1");
        Subscribe(link, "brief:a", ",\"phase\":2,\"limit\":1");

        Rig.Time.Advance(TimeSpan.FromSeconds(2));
        link.Send("{\"id\":9,\"subscribe\":{\"channel\":\"brief:a\",\"type\":1,\"phase\":2,\"limit\":5,\"cursor\":\"a\"}}");

        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"id\":9,\"subscribe\":{\"epoch\":\"EPOCH\",\"type\":1,\"state\":[{\"data\":1,\"key\":\"b\"}]}}",
            "{\"push\":{\"channel\":\"brief:a\",\"pub\":{\"key\":\"a\",\"removed\":true}}}",
        }));
    }

    [Test]
    public void A_change_that_never_arrives_is_found_by_the_next_check()
    {
        var link = Connect();
        Subscribe(link, "map:a", ",\"phase\":2");
        Engine.Lost = 1;
        var interval = TimeSpan.FromSeconds(27);

        Rig.Time.Advance(interval + TimeSpan.FromSeconds(1));
        Assert.That(link.Received(), Is.Empty, "it may be on its way");
        Rig.Time.Advance(interval);

        Assert.That(link.Received().Single(), Does.Contain("\"unsubscribe\":{\"code\":2500"));
    }

    [Test]
    public void When_theEngine_is_away_the_client_gets_an_error_and_nothing_stays()
    {
        var link = Connect();
        Engine.Fault = new StoreUnavailableException("away");

        Assert.That(ErrorOf(link, "map:a", ",\"phase\":2"), Is.EqualTo(ErrorCode.Internal.Code));
        Assert.That(Rig.Hub.SubscriptionCount, Is.Zero);
        Engine.Fault = null;
        Assert.That(Subscribe(link, "map:a", ",\"phase\":2"), Does.StartWith("{\"recoverable\""));
    }
}
