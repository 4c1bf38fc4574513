using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Commands.Maps;

/// <summary>Subscribing to maps: pages of the state and of the stream, going live, coming back, and what is refused.</summary>
internal sealed class MapSubscribeTests : MapSubscribeTestBase
{
    [Test]
    [Checklist(185)]
    public void An_empty_map_is_live_with_the_first_reply()
    {
        var link = Connect();

        Assert.That(Subscribe(link, "map:a", ",\"phase\":2"), Is.EqualTo("{\"recoverable\":true,\"epoch\":\"EPOCH\",\"type\":1}"));
        Publish("map:a", "k", "1");
        Publish("map:a", "k", "2", score: -3);
        Remove("map:a", "k");

        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"map:a\",\"pub\":{\"data\":1,\"offset\":1,\"key\":\"k\",\"epoch\":\"EPOCH\"}}}",
            "{\"push\":{\"channel\":\"map:a\",\"pub\":{\"data\":2,\"offset\":2,\"key\":\"k\",\"score\":-3}}}",
            "{\"push\":{\"channel\":\"map:a\",\"pub\":{\"offset\":3,\"key\":\"k\",\"removed\":true}}}",
        }));
    }

    [Test]
    [Checklist(185)]
    public void An_ephemeral_map_has_neither_offsets_nor_recovery()
    {
        var link = Connect();
        Publish("brief:a", "k", "1");

        Assert.That(Subscribe(link, "brief:a", ",\"phase\":2"), Is.EqualTo("{\"epoch\":\"EPOCH\",\"type\":1,\"state\":[{\"data\":1,\"key\":\"k\"}]}"));
        Publish("brief:a", "k", "2");

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"brief:a\",\"pub\":{\"data\":2,\"key\":\"k\"}}}" }));
    }

    [Test]
    public void The_reply_echoes_the_type_of_the_map_and_brings_the_time_between_publications()
    {
        Assert.That(Subscribe(Connect(), "clients:a", ",\"phase\":2", type: 2), Is.EqualTo("{\"epoch\":\"EPOCH\",\"type\":2}"));
        Assert.That(Subscribe(Connect(), "slow:a", ",\"phase\":2"), Is.EqualTo("{\"recoverable\":true,\"epoch\":\"EPOCH\",\"type\":1,\"publish_debounce\":50}"));
    }

    [Test]
    public void Pages_come_in_the_order_of_the_keys_and_the_last_one_brings_what_has_changed_meanwhile()
    {
        var link = Connect();
        foreach (var key in new[] { "c", "a", "b" })
        {
            Publish("map:a", key, "1");
        }

        var first = Subscribe(link, "map:a", ",\"phase\":2,\"limit\":2");
        Publish("map:a", "a", "2");
        Remove("map:a", "c");
        Publish("map:a", "d", "3");
        var last = Subscribe(link, "map:a", $",\"phase\":2,\"limit\":3,\"cursor\":\"b\",\"offset\":3,\"epoch\":\"{EpochOf("map:a")}\"");

        Assert.That(first, Is.EqualTo(
            "{\"epoch\":\"EPOCH\",\"offset\":3,\"type\":1,\"phase\":2,\"cursor\":\"b\",\"state\":[{\"data\":1,\"offset\":2,\"key\":\"a\"},{\"data\":1,\"offset\":3,\"key\":\"b\"}]}"));
        Assert.That(last, Is.EqualTo(
            "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":2,\"offset\":4,\"key\":\"a\"},{\"offset\":5,\"key\":\"c\",\"removed\":true},"
            + "{\"data\":3,\"offset\":6,\"key\":\"d\"}],\"offset\":6,\"type\":1}"));
    }

    [Test]
    public void When_too_much_has_changed_the_stream_is_read_in_pages_up_to_where_it_was_at_the_first_of_them()
    {
        var link = Connect();
        Publish("map:a", "a", "1");
        Publish("map:a", "b", "1");
        Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1");
        PublishMany("map:a", "a", 2, 6);

        Assert.That(Subscribe(link, "map:a", ",\"phase\":2,\"limit\":2,\"cursor\":\"a\""), Is.EqualTo(
            "{\"epoch\":\"EPOCH\",\"offset\":2,\"type\":1,\"phase\":2,\"state\":[{\"data\":1,\"offset\":2,\"key\":\"b\"}]}"));
        Assert.That(Subscribe(link, "map:a", Position(1, 2, "map:a") + ",\"limit\":2"), Is.EqualTo(
            "{\"epoch\":\"EPOCH\",\"publications\":[{\"data\":2,\"offset\":3,\"key\":\"a\"},{\"data\":3,\"offset\":4,\"key\":\"a\"}],\"offset\":4,\"type\":1,\"phase\":1}"));
        PublishMany("map:a", "a", 7, 9);
        Assert.That(Subscribe(link, "map:a", Position(1, 4, "map:a") + ",\"limit\":2"), Does.Contain("\"offset\":6,\"type\":1,\"phase\":1"));
        Assert.That(Subscribe(link, "map:a", Position(1, 6, "map:a") + ",\"limit\":2"), Is.EqualTo(
            "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":6,\"offset\":7,\"key\":\"a\"},{\"data\":7,\"offset\":8,\"key\":\"a\"},"
            + "{\"data\":8,\"offset\":9,\"key\":\"a\"},{\"data\":9,\"offset\":10,\"key\":\"a\"}],\"offset\":10,\"type\":1}"));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_client_that_comes_back_gets_what_it_missed(int phase)
    {
        PublishMany("map:a", "a", 1, 4);

        Assert.That(Subscribe(Connect(), "map:a", Position(phase, 2, "map:a") + ",\"recover\":true"), Is.EqualTo(
            "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":3,\"offset\":3,\"key\":\"a\"},{\"data\":4,\"offset\":4,\"key\":\"a\"}],"
            + "\"recovered\":true,\"offset\":4,\"was_recovering\":true,\"type\":1}"));
        Assert.That(Subscribe(Connect(), "map:a", Position(phase, 4, "map:a") + ",\"recover\":true"), Is.EqualTo(
            "{\"recoverable\":true,\"epoch\":\"EPOCH\",\"recovered\":true,\"offset\":4,\"was_recovering\":true,\"type\":1}"));
    }

    // The position of the client: too old, of another epoch, without one, or in the future.

    [TestCase(0, 1, "RIGHT")]
    [TestCase(1, 1, "RIGHT")]
    [TestCase(0, 11, "wrong")]
    [TestCase(1, 11, "wrong")]
    [TestCase(0, 12, "")]
    [TestCase(0, 13, "RIGHT")]
    [TestCase(1, 13, "RIGHT")]
    public void A_client_whose_position_is_gone_has_to_begin_again(int phase, int offset, string epoch)
    {
        var link = Connect();
        PublishMany("map:a", "a", 1, 12);
        var right = epoch.Replace("RIGHT", EpochOf("map:a"), StringComparison.Ordinal);

        Assert.That(ErrorOf(link, "map:a", $",\"phase\":{phase},\"recover\":true,\"offset\":{offset},\"epoch\":\"{right}\""), Is.EqualTo(ErrorCode.UnrecoverablePosition.Code));
        Assert.That(Rig.Hub.SubscriptionCount, Is.Zero, "nothing is left behind");
        Assert.That(Subscribe(link, "map:a", ",\"phase\":2"), Does.Contain("\"offset\":12,\"type\":1,\"state\":["));
    }

    [Test]
    public void An_ordered_map_is_read_by_score_and_ascending_if_the_client_asks()
    {
        Publish("order:a", "x", "1", score: 10);
        Publish("order:a", "y", "2", score: 30);
        Publish("order:a", "z", "3", score: 20);
        var (down, up) = (Connect(), Connect());

        Assert.That(Subscribe(down, "order:a", ",\"phase\":2,\"limit\":2"), Does.Contain("\"cursor\":\"20:z\"").And.Match("\"y\".*\"z\""));
        Assert.That(Subscribe(up, "order:a", ",\"phase\":2,\"limit\":2,\"asc\":true"), Does.Contain("\"cursor\":\"20:z\"").And.Match("\"x\".*\"z\""));
        Assert.That(Subscribe(up, "order:a", ",\"phase\":2,\"limit\":2,\"asc\":true,\"cursor\":\"20:z\""), Does.Contain("\"y\"").And.Not.Contain("cursor"));
        Assert.That(ErrorOf(down, "order:a", ",\"phase\":2,\"cursor\":\"none\""), Is.EqualTo(ErrorCode.BadRequest.Code));
    }

    [Test]
    public void A_tag_filter_holds_for_pages_for_the_stream_and_live()
    {
        var link = Connect();
        Publish("tags:a", "a", "1", tag: "red");
        Publish("tags:a", "b", "2", tag: "blue");
        Publish("tags:a", "c", "3", tag: "red");

        var first = Subscribe(link, "tags:a", ",\"phase\":2,\"limit\":2,\"delta\":\"fossil\",\"tf\":{\"key\":\"colour\",\"cmp\":\"eq\",\"val\":\"red\"}");
        Publish("tags:a", "d", "4", tag: "blue");
        Publish("tags:a", "e", "5", tag: "red");
        var last = Subscribe(link, "tags:a", ",\"phase\":2,\"limit\":5,\"cursor\":\"b\"");
        Publish("tags:a", "f", "6", tag: "blue");
        Publish("tags:a", "g", "7", tag: "red");

        Assert.That(first, Does.Contain("\"state\":[{\"data\":1,\"offset\":1,\"tags\":{\"colour\":\"red\"},\"key\":\"a\"}]"));
        Assert.That(last, Does.Contain("\"publications\":[{\"data\":5,").And.Contain("\"offset\":5,\"type\":1,\"state\":[{\"data\":3,").And.Not.Contain("delta"));
        Assert.That(link.Received().Single(), Does.Contain("\"data\":7,\"offset\":7"));
        Assert.That(ErrorOf(Connect(), "map:a", ",\"phase\":2,\"tf\":{\"key\":\"colour\",\"cmp\":\"eq\",\"val\":\"red\"}"), Is.EqualTo(ErrorCode.BadRequest.Code));
    }

    [TestCase("map:a", 0, ErrorCodes.Denied)]
    [TestCase("map:a", 2, ErrorCodes.Denied)]
    [TestCase("map:a", 4, ErrorCodes.Denied)]
    [TestCase("map:a", -1, ErrorCodes.Denied)]
    [TestCase("stream:a", 1, ErrorCodes.Denied)]
    [TestCase("closed:a", 1, ErrorCodes.Denied)]
    [TestCase("none:a", 1, ErrorCodes.Unknown)]
    [Checklist(189)]
    public void A_subscribe_of_another_type_than_the_channel_is_refused(string channel, int type, int code)
    {
        Assert.That(ErrorOf(Connect(), channel, ",\"phase\":2", type), Is.EqualTo(code));
        Assert.That(Rig.Hub.SubscriptionCount, Is.Zero);
    }

    [TestCase(",\"phase\":2,\"cursor\":\"k\"", ErrorCodes.Denied, Description = "there was no first page")]
    [TestCase(",\"phase\":1,\"epoch\":\"e\"", ErrorCodes.Denied, Description = "and none of the stream")]
    [TestCase(",\"phase\":3", ErrorCodes.Bad)]
    [TestCase(",\"phase\":-1", ErrorCodes.Bad)]
    public void A_page_that_no_client_can_be_at_is_refused(string page, int code) => Assert.That(ErrorOf(Connect(), "map:a", page), Is.EqualTo(code));

    [Test]
    public void An_ephemeral_map_has_no_pages_of_a_stream()
    {
        Assert.That(ErrorOf(Connect(), "brief:a", ",\"phase\":1,\"recover\":true"), Is.EqualTo(ErrorCode.BadRequest.Code));
        Assert.That(Subscribe(Connect(), "brief:a", ",\"phase\":0"), Is.EqualTo("{\"type\":1}"));
    }

    [Test]
    public void A_second_subscribe_is_refused_and_pages_count_among_the_subscriptions()
    {
        var link = Connect();
        PublishMany("map:a", "a", 1, 1);
        Publish("map:a", "b", "1");
        Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1");

        Assert.That(ErrorOf(link, "map:a", ",\"phase\":2"), Is.EqualTo(ErrorCode.AlreadySubscribed.Code), "while pages are read");
        Subscribe(link, "map:b", ",\"phase\":2");
        Assert.That(ErrorOf(link, "map:c", ",\"phase\":2"), Is.EqualTo(ErrorCode.LimitExceeded.Code));
        Subscribe(link, "map:a", ",\"phase\":2,\"limit\":1,\"cursor\":\"a\"");
        Assert.That(ErrorOf(link, "map:a", ",\"phase\":0"), Is.EqualTo(ErrorCode.AlreadySubscribed.Code), "when it is live");
    }

    [Test]
    public void A_page_has_as_many_entries_as_the_options_allow()
    {
        for (var i = 0; i < 5; i++)
        {
            Publish("map:a", $"{i}", "1");
        }

        Assert.That(Subscribe(Connect(), "map:a", ",\"phase\":2,\"limit\":-1"), Does.Not.Contain("cursor"), "the default is 100");
        Assert.That(Subscribe(Connect(), "map:a", ",\"phase\":2,\"limit\":5"), Does.Not.Contain("cursor"));
        Assert.That(Subscribe(Connect(), "map:a", ",\"phase\":2,\"limit\":4"), Does.Contain("\"cursor\":\"3\""));
    }
}
