using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Proxies;

internal sealed class ProxyAnswerReaderTests
{
    private static readonly DateTimeOffset End = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    [Test]
    public void A_connect_answer_identifies_the_client()
    {
        var answer = ProxyAnswerReader.Connect("""
            {"result":{"user":"42","expire_at":1900000000,"info":{"n": 1},"b64data":"AQI=","meta":{"role":"x"},
             "subs":{"chat:a":{"expire_at":1900000000,"info":{"s":1},"data":[1],"override":{"presence":{"value":true},"join_leave":{"value":false}}},"chat:b":{}}}}
            """.Utf8());

        var answered = answer!.Value.Value!;
        var identity = answered.Identity;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((identity.Principal.Name, identity.ExpiresAt), Is.EqualTo(("42", End)));
            Assert.That(Text(identity.Info), Is.EqualTo("""{"n": 1}"""));
            Assert.That(Text(identity.Meta), Is.EqualTo("""{"role":"x"}"""));
            Assert.That(answered.Data.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
            Assert.That(identity.Subscriptions.Select(grant => (grant.Channel, Text(grant.Info), Text(grant.Data), grant.ExpiresAt)), Is.EqualTo(new[]
            {
                ("chat:a", """{"s":1}""", "[1]", End), ("chat:b", "", "", DateTimeOffset.MaxValue),
            }));
            Assert.That(identity.Subscriptions[0].Overrides, Is.EqualTo(new OptionOverrides(Presence: true, JoinLeave: false)));
        }
    }

    [Test]
    public void A_connect_answer_may_name_nobody_and_list_channels()
    {
        var identity = ProxyAnswerReader.Connect("""{"result":{"channels":["a","b"]}}""".Utf8())!.Value.Value!.Identity;

        Assert.That((identity.Principal.IsAnonymous, identity.ExpiresAt), Is.EqualTo((true, DateTimeOffset.MaxValue)));
        Assert.That(identity.Subscriptions.Select(grant => grant.Channel), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void Values_have_a_key_data_a_version_and_a_value_before()
    {
        var answer = ProxyAnswerReader.Poll("""
            {"result":{"epoch":"e1","items":[{"key":"a","data":{"n": 1},"version":18446744073709551615,"prev_data":[0]},{"key":"b","removed":true,"data":null},{"key":"c","b64data":"AQI="}]}}
            """.Utf8())!.Value.Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Epoch, Is.EqualTo("e1"));
            Assert.That(answer.Values.Select(value => (value.Key, Text(value.Data), value.Version, value.IsRemoved, Text(value.Previous))), Is.EqualTo(new[]
            {
                ("a", """{"n": 1}""", ulong.MaxValue, false, "[0]"), ("b", "", 0UL, true, ""), ("c", "\u0001\u0002", 0UL, false, ""),
            }));
        }
    }

    [TestCase("""{"result":{"items":[{"key":"a","data":1},5]}}""")]
    [TestCase("""{"result":{"items":[{"key":5}]}}""")]
    [TestCase("""{"result":{"items":[{"key":"a","version":-1}]}}""")]
    [TestCase("""{"result":{"items":[{"key":"a","removed":"yes"}]}}""")]
    [TestCase("""{"result":{"items":{"key":"a"}}}""")]
    [TestCase("""{"result":{"epoch":1}}""")]
    [TestCase("""{"result":{"items":[{"key":"\ud800"}]}}""")]
    public void Values_that_are_malformed_in_part_are_malformed_as_a_whole(string json) => Assert.That(ProxyAnswerReader.Poll(json.Utf8()), Is.Null);

    [TestCase("{}")]
    [TestCase("""{"result":null,"error":null,"disconnect":null}""")]
    [Checklist(166)]
    public void An_answer_without_a_result_has_a_meaning_of_its_own_for_each_event(string json)
    {
        var body = json.Utf8();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ProxyAnswerReader.Connect(body), Is.EqualTo(Outcome<ConnectAnswer>.Undecided));
            Assert.That(ProxyAnswerReader.Refresh(body)?.Value?.IsExpired, Is.True);
            Assert.That(ProxyAnswerReader.Subscribe(body, "px:a")?.Value, Is.EqualTo(new AllowedSubscription("px:a")));
            Assert.That(ProxyAnswerReader.Publish(body)?.Value, Is.EqualTo(PublishAnswer.AsItCame));
            Assert.That(ProxyAnswerReader.MapPublish(body)?.Value, Is.EqualTo(MapPublishAnswer.AsItCame));
            Assert.That(ProxyAnswerReader.MapRemove(body)?.Value, Is.EqualTo(MapRemoveAnswer.AsItCame));
            Assert.That(ProxyAnswerReader.Rpc(body)?.Value?.Data.Length, Is.Zero);
            Assert.That(ProxyAnswerReader.Poll(body)?.Value, Is.EqualTo(PollAnswer.Nothing));
            Assert.That(ProxyAnswerReader.Publish("""{"result":{"skip_history":true}}""".Utf8())?.Value?.Publication.Data.IsEmpty, Is.True);
        }
    }

    [Test]
    public void An_answer_about_a_map_may_change_everything()
    {
        var published = ProxyAnswerReader.MapPublish("""
            {"result":{"key":"k2","data":{"a":1},"stream_data":2,"tags":{"t":"1"},"score":-3,"key_mode":"if_new","idempotency_key":"i","delta":true,"version":4,"version_epoch":"e"}}
            """.Utf8())?.Value!;
        var removed = ProxyAnswerReader.MapRemove("""{"result":{"key":"k2","tags":{"t":"1"},"idempotency_key":"i"}}""".Utf8())?.Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((published.Key, published.Score, published.KeyMode, published.StreamData?.Text()), Is.EqualTo(("k2", -3L, KeyMode.IfNew, "2")));
            Assert.That((published.Publish.Publication.Data.Text(), published.Publish.Publication.Tags!["t"]), Is.EqualTo(("""{"a":1}""", "1")));
            Assert.That(published.Publish.Options, Is.EqualTo(new PublishOptions { IdempotencyKey = "i", Delta = true, Version = 4, VersionEpoch = "e" }));
            Assert.That((removed.Key, removed.Tags!["t"], removed.IdempotencyKey), Is.EqualTo(("k2", "1", "i")));
        }
    }

    [TestCase("""{"result":{"key":1}}""")]
    [TestCase("""{"result":{"score":"1"}}""")]
    [TestCase("""{"result":{"score":1.5}}""")]
    [TestCase("""{"result":{"key_mode":"never"}}""")]
    [TestCase("""{"result":{"b64stream_data":"?"}}""")]
    [TestCase("""{"result":{"tags":[]}}""")]
    public void A_malformed_answer_about_a_map_is_a_fault(string json) => Assert.That(ProxyAnswerReader.MapPublish(json.Utf8()), Is.Null);

    [Test]
    public void A_refresh_answer_prolongs_or_ends_a_connection()
    {
        var prolonged = ProxyAnswerReader.Refresh("""{"result":{"expire_at":1900000000,"b64info":"e30=","meta":{"a":1}}}""".Utf8())?.Value!;
        var ended = ProxyAnswerReader.Refresh("""{"result":{"expired":true}}""".Utf8())?.Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((prolonged.IsExpired, prolonged.ExpiresAt, Text(prolonged.Info), Text(prolonged.Meta)), Is.EqualTo((false, End, "{}", """{"a":1}""")));
            Assert.That(ended.IsExpired, Is.True);
        }
    }

    [Test]
    public void A_subscribe_answer_sets_options_of_the_subscription()
    {
        var grant = ProxyAnswerReader.Subscribe("""{"result":{"info":{"a":1},"data":"x","expire_at":1900000000,"override":{"force_recovery":{"value":true}}}}""".Utf8(), "px:a")?.Value!;

        Assert.That((grant.Channel, Text(grant.Info), Text(grant.Data), grant.ExpiresAt, grant.Overrides.ForceRecovery), Is.EqualTo(("px:a", """{"a":1}""", "\"x\"", End, (bool?)true)));
    }

    [Test]
    public void A_publish_answer_changes_what_is_published()
    {
        var answer = ProxyAnswerReader.Publish(
            """{"result":{"data":{"b": 2},"skip_history":true,"tags":{"t":"1"},"idempotency_key":"k","delta":true,"version":18446744073709551615,"version_epoch":"e"}}""".Utf8())?.Value!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text(answer.Publication.Data), Is.EqualTo("""{"b": 2}"""));
            Assert.That(answer.Options, Is.EqualTo(new PublishOptions { SkipHistory = true, IdempotencyKey = "k", Delta = true, Version = ulong.MaxValue, VersionEpoch = "e" }));
            Assert.That(answer.Publication.Tags, Is.EqualTo(new Dictionary<string, string> { ["t"] = "1" }));
        }
    }

    [TestCase("""{"error":{"code":1000,"message":"no \"entry\" é","temporary":true}}""", 1000, "no \"entry\" é", true)]
    [TestCase("""{"error":{"code":103,"message":"permission denied"},"result":{}}""", 103, "permission denied", false)]
    [TestCase("""{"error":{"code":7}}""", 7, "error", false)]
    [Checklist(163)]
    public void An_error_is_passed_on_unchanged(string json, int code, string message, bool isTemporary)
    {
        var outcome = ProxyAnswerReader.Rpc(json.Utf8());

        Assert.That(outcome, Is.EqualTo(Outcome<CallResult>.Refused(new ErrorCode(code, message, isTemporary))));
    }

    [TestCase("""{"disconnect":{"code":4501,"reason":"go away é"}}""", 4501, "go away é")]
    [TestCase("""{"disconnect":{"code":4000}}""", 4000, "disconnected by the back end")]
    [Checklist(163)]
    public void A_disconnect_is_passed_on_unchanged_and_never_without_a_reason(string json, int code, string reason)
    {
        var outcome = ProxyAnswerReader.Subscribe(json.Utf8(), "px:a");

        Assert.That(outcome, Is.EqualTo(Outcome<AllowedSubscription>.Disconnected(new DisconnectCode(code, reason))));
    }

    [TestCase("")]
    [TestCase("nonsense")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}{}")]
    [TestCase("""{"result":[]}""")]
    [TestCase("""{"result":true}""")]
    [TestCase("""{"result":{"user":42,"expired":1,"info":1,"b64info":"?","b64data":"?"}}""")]
    [TestCase("""{"result":{"user":"\ud800","expired":"yes","expire_at":"soon","b64data":1}}""")]
    [TestCase("""{"error":"no"}""")]
    [TestCase("""{"error":{"message":"no code"}}""")]
    [TestCase("""{"error":{"code":-1}}""")]
    [TestCase("""{"error":{"code":"1000"}}""")]
    [TestCase("""{"error":{"code":1000,"temporary":"yes"}}""")]
    [TestCase("""{"disconnect":{"code":1006,"reason":"x"}}""")]
    [TestCase("""{"disconnect":{"code":65535,"reason":"x"}}""")]
    [TestCase("""{"disconnect":{"code":18446744073709551615,"reason":"x"}}""")]
    [Checklist(164)]
    public void A_malformed_answer_is_a_fault(string json)
    {
        var body = json.Utf8();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ProxyAnswerReader.Connect(body), Is.Null);
            Assert.That(ProxyAnswerReader.Refresh(body), Is.Null);
            Assert.That(ProxyAnswerReader.Subscribe(body, "px:a") is null || json.Contains("user", StringComparison.Ordinal), Is.True);
            Assert.That(ProxyAnswerReader.Publish(body), Is.Null);
            Assert.That(ProxyAnswerReader.Rpc(body), Is.Null);
        }
    }

    [TestCase("""{"result":{"channels":[1]}}""")]
    [TestCase("""{"result":{"channels":{}}}""")]
    [TestCase("""{"result":{"subs":[]}}""")]
    [TestCase("""{"result":{"subs":{"a":{"override":[]}}}}""")]
    [TestCase("""{"result":{"meta":[]}}""")]
    [TestCase("""{"result":{"expire_at":-1}}""")]
    public void A_connect_answer_that_is_malformed_in_part_is_a_fault(string json) => Assert.That(ProxyAnswerReader.Connect(json.Utf8()), Is.Null);

    [TestCase("""{"result":{"tags":{"a":1}}}""")]
    [TestCase("""{"result":{"tags":[]}}""")]
    [TestCase("""{"result":{"version":-1}}""")]
    [TestCase("""{"result":{"version":1.5}}""")]
    [TestCase("""{"result":{"skip_history":"true"}}""")]
    public void A_publish_answer_that_is_malformed_in_part_is_a_fault(string json) => Assert.That(ProxyAnswerReader.Publish(json.Utf8()), Is.Null);

    [Test]
    [Checklist(49)]
    public void A_reason_that_no_close_frame_can_carry_is_a_fault()
    {
        var reason = new string('é', 62);

        Assert.That(ProxyAnswerReader.Rpc($$$"""{"disconnect":{"code":4000,"reason":"{{{reason}}}"}}""".Utf8()), Is.Null);
        Assert.That(ProxyAnswerReader.Rpc($$$"""{"disconnect":{"code":4000,"reason":"{{{reason[1..]}}}"}}""".Utf8())?.Disconnect?.Code, Is.EqualTo(4000));
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
