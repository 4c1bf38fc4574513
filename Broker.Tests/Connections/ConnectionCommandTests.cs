using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Commands and their replies, byte for byte, on a connection without a token unless a test says otherwise.</summary>
internal sealed class ConnectionCommandTests : IDisposable
{
    private readonly BrokerRig _rig = new(new BrokerOptions { Connections = new() { MaxSubscriptionsPerConnection = 2 }, Publishing = new() { MaxPayloadBytes = 20 } });

    public void Dispose() => _rig.Dispose();

    [TestCase("", TestName = "An_empty_message_is_a_bad_request")]
    [TestCase("\n", TestName = "An_empty_line_is_a_bad_request")]
    [TestCase("{\"id\":2,\"rpc\":{}}\n\n{\"id\":3,\"rpc\":{}}", TestName = "An_empty_line_between_commands_is_a_bad_request")]
    [TestCase("{", TestName = "Text_that_is_no_JSON_is_a_bad_request")]
    [TestCase("[{\"id\":2,\"rpc\":{}}]", TestName = "An_array_is_a_bad_request")]
    [TestCase("{\"id\":2,\"bogus\":{}}", TestName = "An_unknown_command_is_a_bad_request")]
    [TestCase("{\"id\":2,\"ping\":{}}", TestName = "A_ping_command_is_a_bad_request")]
    [TestCase("{\"id\":\"2\",\"rpc\":{}}", TestName = "An_id_that_is_text_is_a_bad_request")]
    [TestCase("{\"id\":2.5,\"rpc\":{}}", TestName = "An_id_with_a_fraction_is_a_bad_request")]
    [TestCase("{\"id\":-2,\"rpc\":{}}", TestName = "A_negative_id_is_a_bad_request")]
    [TestCase("{\"id\":2,\"rpc\":null}", TestName = "A_request_that_is_null_is_a_bad_request")]
    [TestCase("{\"id\":0,\"rpc\":{}}", TestName = "A_request_with_the_id_0_is_a_bad_request")]
    [TestCase("{\"id\":2,\"subscribe\":{\"channel\":5}}", TestName = "A_field_of_a_wrong_type_is_a_bad_request")]
    [TestCase("{\"id\":2,\"connect\":{}}", TestName = "A_second_connect_is_a_bad_request")]
    [TestCase("{\"id\":2,\"subscribe\":{}}", TestName = "A_subscribe_without_a_channel_is_a_bad_request")]
    [TestCase("{\"id\":2,\"unsubscribe\":{\"channel\":\"\"}}", TestName = "An_unsubscribe_without_a_channel_is_a_bad_request")]
    [TestCase("{\"id\":2,\"publish\":{\"data\":1}}", TestName = "A_publish_without_a_channel_is_a_bad_request")]
    [TestCase("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\",\"delta\":\"xor\"}}", TestName = "An_unknown_delta_is_a_bad_request")]
    [Checklist(29, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 56, 68, 71)]
    public void A_message_that_is_not_a_command_closes_with_3501(string message)
    {
        var link = new ClientLink(_rig).Connected();

        var last = link.Ask(message)[^1];

        Assert.That(last, Is.EqualTo("close 3501 bad request"));
    }

    [TestCase("{\"id\":1,\"subscribe\":{\"channel\":\"public.a\"}}")]
    [TestCase("{}")]
    [TestCase("{\"send\":{\"data\":1}}")]
    [Checklist(27, 50)]
    public void The_first_command_is_a_connect(string message)
    {
        Assert.That(new ClientLink(_rig).Ask(message), Is.EqualTo(new[] { "close 3501 bad request" }));
    }

    [Test]
    public void Commands_before_a_bad_one_are_carried_out_and_those_after_it_are_not()
    {
        var link = new ClientLink(_rig).Connected();

        var replies = link.Ask("{\"id\":2,\"unsubscribe\":{\"channel\":\"x\"}}\nbad\n{\"id\":3,\"unsubscribe\":{\"channel\":\"x\"}}");

        Assert.That(replies, Is.EqualTo(new[] { "{\"id\":2,\"unsubscribe\":{}}", "close 3501 bad request" }));
    }

    [TestCase(1024, "{\"id\":9,\"unsubscribe\":{}}")]
    [TestCase(1025, "close 3501 bad request")]
    [CancelAfter(30_000)]
    public async Task One_message_holds_at_most_1024_commands(int commands, string last, CancellationToken cancellation)
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        link.Send(string.Join('\n', Enumerable.Repeat("{\"id\":9,\"unsubscribe\":{\"channel\":\"x\"}}", commands)));

        var replies = new List<string>();
        while (replies.Count < commands)
        {
            replies.AddRange(await link.ReceivedAsync(cancellation));
        }

        Assert.That(replies[^1], Is.EqualTo(last));
        Assert.That(replies, Has.Count.EqualTo(commands));
    }

    [Test]
    public void A_send_closes_with_3508()
    {
        Assert.That(new ClientLink(_rig).Connected().Ask("{\"send\":{\"data\":1}}"), Is.EqualTo(new[] { "close 3508 not available" }));
    }

    [TestCase("presence")]
    [TestCase("presence_stats")]
    [TestCase("history")]
    [TestCase("rpc")]
    public void A_command_that_the_channel_does_not_offer_is_answered_with_108(string request)
    {
        var replies = new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"{request}\":{{\"channel\":\"public.a\"}}}}");

        Assert.That(replies, Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":108,\"message\":\"not available\"}}" }));
    }

    [TestCase("garbage")]
    [TestCase("a.b.c")]
    [Checklist(121)]
    public void A_connect_with_a_bad_token_closes_with_3500(string token)
    {
        var replies = new ClientLink(_rig).Ask($"{{\"id\":1,\"connect\":{{\"token\":\"{token}\"}}}}");

        Assert.That(replies, Is.EqualTo(new[] { "close 3500 invalid token" }));
    }

    [TestCase("public.a", "{\"id\":2,\"subscribe\":{}}")]
    [TestCase("system.timer.second", "{\"id\":2,\"subscribe\":{}}")]
    [TestCase("agent.o.t", "{\"id\":2,\"subscribe\":{}}")]
    [TestCase("agent.o.locked", "{\"id\":2,\"error\":{\"code\":403,\"message\":\"permission denied: locked\"}}")]
    [TestCase("app.a.agent", "{\"id\":2,\"error\":{\"code\":403,\"message\":\"permission denied: not_agent\"}}")]
    [TestCase("bogus", "{\"id\":2,\"error\":{\"code\":403,\"message\":\"permission denied: unusable_name\"}}")]
    [TestCase("ns:chan", "{\"id\":2,\"error\":{\"code\":102,\"message\":\"unknown channel\"}}")]
    [TestCase("public.é", "{\"id\":2,\"error\":{\"code\":107,\"message\":\"bad request: a channel name is 1 to 255 bytes of printable ASCII\"}}")]
    [Checklist(60, 61)]
    public async Task A_subscribe_is_answered_by_the_permissions(string channel, string expected)
    {
        await _rig.Store.LockAsync(TestChannel.Named("agent.o.locked"));

        var replies = new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"}}}}");

        Assert.That(replies, Is.EqualTo(new[] { expected }));
        Assert.That(_rig.Hub.SubscriptionCount, Is.EqualTo(expected.Contains("error", StringComparison.Ordinal) ? 0 : 1));
    }

    [TestCase("\"subscribe\":{\"channel\":\"public.a\",\"type\":1,\"phase\":2,\"limit\":100}")]
    [TestCase("\"subscribe\":{\"channel\":\"public.a\",\"type\":4}")]
    [TestCase("\"subscribe\":{\"channel\":\"public.a\",\"type\":-1}")]
    [TestCase("\"publish\":{\"channel\":\"public.a\",\"type\":1,\"key\":\"k\",\"data\":1}")]
    [TestCase("\"publish\":{\"channel\":\"public.a\",\"type\":1,\"key\":\"k\",\"removed\":true}")]
    [TestCase("\"sub_refresh\":{\"channel\":\"public.a\",\"type\":1}")]
    [Checklist(189)]
    public void Commands_for_a_map_or_a_shared_poll_are_refused(string request)
    {
        var replies = new ClientLink(_rig).Connected().Ask($"{{\"id\":2,{request}}}");

        Assert.That(replies, Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":103,\"message\":\"permission denied: the channel is of type 0, a stream\"}}" }));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
    }

    [TestCase("\"subscribe\":{\"channel\":\"public.a\",\"type\":0}", "{\"id\":2,\"subscribe\":{}}")]
    [TestCase("\"subscribe\":{\"channel\":\"ns:a\",\"type\":1}", "{\"id\":2,\"error\":{\"code\":102,\"message\":\"unknown channel\"}}")]
    [Checklist(189)]
    public void Type_0_is_a_stream_and_an_unknown_channel_is_reported_first(string request, string expected) =>
        Assert.That(new ClientLink(_rig).Connected().Ask($"{{\"id\":2,{request}}}"), Is.EqualTo(new[] { expected }));

    [Test]
    [Checklist(189)]
    public void A_map_in_a_connect_is_ignored()
    {
        var reply = new ClientLink(_rig).Ask("{\"id\":1,\"connect\":{\"subs\":{\"public.a\":{\"type\":1},\"public.b\":{}}}}").Single();

        Assert.That(reply, Does.Contain("\"subs\":{\"public.b\":{}}"));
    }

    [Test]
    public void A_second_subscription_to_a_channel_and_one_over_the_limit_are_refused()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"public.a\"}}");

        var again = link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"public.a\"}}");
        link.Ask("{\"id\":4,\"subscribe\":{\"channel\":\"public.b\"}}");
        var oneTooMany = link.Ask("{\"id\":5,\"subscribe\":{\"channel\":\"public.c\"}}");
        link.Ask("{\"id\":6,\"unsubscribe\":{\"channel\":\"public.a\"}}");
        var afterLeaving = link.Ask("{\"id\":7,\"subscribe\":{\"channel\":\"public.c\"}}");

        Assert.That(again, Is.EqualTo(new[] { "{\"id\":3,\"error\":{\"code\":105,\"message\":\"already subscribed\"}}" }));
        Assert.That(oneTooMany, Is.EqualTo(new[] { "{\"id\":5,\"error\":{\"code\":106,\"message\":\"limit exceeded\"}}" }));
        Assert.That(afterLeaving, Is.EqualTo(new[] { "{\"id\":7,\"subscribe\":{}}" }));
    }

    [TestCase("{\"channel\":\"public.a\",\"recover\":true,\"epoch\":\"x\",\"offset\":3}", "{\"id\":2,\"subscribe\":{\"was_recovering\":true}}")]
    [TestCase("{\"channel\":\"public.a\",\"tf\":{\"key\":\"a\"}}", "{\"id\":2,\"error\":{\"code\":107,\"message\":\"bad request: the namespace allows no tag filters (allow_tags_filter)\"}}")]
    [TestCase("{\"channel\":\"public.a\",\"delta\":\"fossil\",\"positioned\":true,\"flag\":1}", "{\"id\":2,\"subscribe\":{}}")]
    [Checklist(72, 73)]
    public void Subscribe_options_that_the_channel_does_not_allow_are_ignored_or_refused(string request, string expected)
    {
        Assert.That(new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"subscribe\":{request}}}"), Is.EqualTo(new[] { expected }));
    }

    [TestCase("{\"channel\":\"public.a\",\"data\":1}", "\"publish\":{}")]
    [TestCase("{\"channel\":\"public.a\",\"data\":null}", "\"publish\":{}")]
    [TestCase("{\"channel\":\"public.a\",\"data\":\"345678901234567890\"}", "\"publish\":{}")]
    [TestCase("{\"channel\":\"public.a\",\"data\":\"3456789012345678901\"}", "\"error\":{\"code\":107,\"message\":\"payload too large (max 20 bytes)\"}")]
    [TestCase("{\"channel\":\"public.a\"}", "\"error\":{\"code\":107,\"message\":\"bad request: data is missing (null is data, too)\"}")]
    [TestCase("{\"channel\":\"system.timer.second\",\"data\":1}", "\"error\":{\"code\":403,\"message\":\"permission denied: system_only\"}")]
    [TestCase("{\"channel\":\"agent.o.t\",\"data\":1}", "\"error\":{\"code\":403,\"message\":\"permission denied: not_owner\"}")]
    [TestCase("{\"channel\":\"bogus\",\"data\":1}", "\"error\":{\"code\":403,\"message\":\"permission denied: unusable_name\"}")]
    [TestCase("{\"channel\":\"ns:chan\",\"data\":1}", "\"error\":{\"code\":102,\"message\":\"unknown channel\"}")]
    public void A_publish_follows_the_rules_of_publishing(string request, string expected)
    {
        Assert.That(new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"publish\":{request}}}"), Is.EqualTo(new[] { $"{{\"id\":2,{expected}}}" }));
    }

    [Test]
    public void Each_anonymous_connection_may_publish_five_times_a_second()
    {
        var link = new ClientLink(_rig).Connected();
        const string publish = "{\"id\":2,\"publish\":{\"channel\":\"public.a\",\"data\":1}}";

        var replies = Enumerable.Range(0, 6).Select(_ => link.Ask(publish).Single()).ToArray();
        var another = new ClientLink(_rig).Connected().Ask(publish);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(replies[..5], Is.All.EqualTo("{\"id\":2,\"publish\":{}}"));
        Assert.That(replies[5], Is.EqualTo("{\"id\":2,\"error\":{\"code\":111,\"message\":\"rate limit exceeded (5 requests per second)\",\"temporary\":true}}"));
        Assert.That(another, Is.EqualTo(replies[..1]));
        Assert.That(link.Ask(publish), Is.EqualTo(replies[..1]));
    }

    [Test]
    public void An_agents_connections_share_one_limit_and_refused_publishes_count()
    {
        var token = TestToken.Of("{\"sub\":\"bob\"}");
        var links = new[] { new ClientLink(_rig).Connected(token), new ClientLink(_rig).Connected(token) };
        string[] channels = ["agent.bob.t", "agent.alice.t"];

        var replies = Enumerable.Range(0, 6).Select(i => links[i % 2].Ask($"{{\"id\":2,\"publish\":{{\"channel\":\"{channels[i % 2]}\",\"data\":1}}}}").Single()).ToArray();

        Assert.That(replies[4], Is.EqualTo("{\"id\":2,\"publish\":{}}"));
        Assert.That(replies[5], Does.Contain("\"code\":111"));
    }
}
