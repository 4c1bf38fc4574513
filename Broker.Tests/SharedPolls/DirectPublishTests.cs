using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.SharedPolls;

/// <summary>Values that the server API brings, epochs of the back end, and deltas.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class DirectPublishTests : SharedPollFixture
{
    protected override SharedPollOptions Options { get; } = new() { IsVersioned = true, IsPublishEnabled = true };

    [Test]
    public async Task A_published_value_reaches_those_who_track_its_key()
    {
        (Values["a"], Values["b"]) = (Value("a", "1", version: 1), Value("b", "1", version: 1));
        var (one, other) = (Subscribe(), Subscribe());
        Track(one, "a");
        await PushesAsync(one, 1);
        Track(other, "b");
        await PushesAsync(other, 1);

        Assert.That(Publish("a", "2", version: 2), Is.Null);

        Assert.That(await PushesAsync(one, 1), Is.EqualTo(new[] { "a@2 2" }));
        Assert.That(other.Received(), Is.Empty);
    }

    [Test]
    public async Task A_published_value_that_is_not_newer_changes_nothing()
    {
        Values["k"] = Value("k", "5", version: 5);
        var link = Subscribe();
        Track(link, "k");
        await PushesAsync(link, 1);

        Assert.That((Publish("k", "4", version: 4), Publish("k", "55", version: 5), Publish("unknown", "1", version: 1)), Is.EqualTo(default((ErrorCode?, ErrorCode?, ErrorCode?))));
        Publish("k", "6", version: 6);

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@6 6" }));
    }

    [Test]
    public async Task The_next_cycle_does_not_ask_for_a_key_that_was_published_and_the_one_after_it_does()
    {
        var link = Subscribe();
        Track(link, "a@1", "b@1");
        await CycleAsync();
        await AwaitTimerAsync(Interval);
        Publish("a", "2", version: 2);

        await CycleAsync();
        await CycleAsync();

        Assert.That(Asked, Is.EqualTo(new[] { "a b", "b", "a@2 b" }));
    }

    [Test]
    public async Task An_answer_that_was_under_way_does_not_undo_a_publish()
    {
        Values["k"] = Value("k", "1", version: 1);
        var link = Subscribe();
        Track(link, "k");
        await PushesAsync(link, 1);
        Publish("k", "3", version: 3);
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@3 3" }));

        // The back end does not know of it yet.
        Values["k"] = Value("k", "2", version: 2);
        var later = Subscribe();
        Track(later, "k");
        await Eventually.IsTrueAsync(() => Asked.Count == 2);
        Values["k"] = Value("k", "3", version: 3);
        await CycleAsync();

        Assert.That(await PushesAsync(later, 1), Is.EqualTo(new[] { "k@3 3" }), "not version 3 with the data of version 2");
        Assert.That(link.Received(), Is.Empty);
    }

    [Test]
    public async Task A_new_epoch_ends_the_subscriptions_and_versions_begin_again()
    {
        (Values["k"], Epoch) = (Value("k", "9", version: 9), "one");
        var link = Subscribe();
        Track(link, "k");
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { """{"push":{"channel":"poll:a","unsubscribe":{"code":2500,"reason":"insufficient state"}}}""" }));
        Assert.That(link.Ask("""{"id":90,"subscribe":{"channel":"poll:a","type":4}}"""), Is.EqualTo(new[] { """{"id":90,"subscribe":{"epoch":"one","type":4}}""" }));
        Track(link, "k");
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@9 9" }));

        (Values["k"], Epoch) = (Value("k", "1", version: 1), "two");
        Publish("k", "1", version: 1, epoch: "two");

        Assert.That(await PushesAsync(link, 1), Has.Length.EqualTo(1).And.One.Contains("2500"));
        Assert.That(link.Ask("""{"id":91,"subscribe":{"channel":"poll:a","type":4}}"""), Is.EqualTo(new[] { """{"id":91,"subscribe":{"epoch":"two","type":4}}""" }));
        Track(link, "k");
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@1 1" }));
    }

    [Test]
    public async Task A_change_is_a_patch_for_clients_that_have_the_value_before()
    {
        var (before, after) = ($"\"{new string('a', 100)} one\"", $"\"{new string('a', 100)} two\"");
        const string Name = "deltas:a";
        Values["k"] = Value("k", before, version: 1);
        var link = Subscribe(Name, ""","delta":"fossil" """);
        var late = Subscribe(Name, ""","delta":"fossil" """);
        var plain = Subscribe(Name);
        TrackSigned(link, TrackSignature.Of(Name, ["k"]), ["k"], Name);
        Assert.That((await PushesAsync(link, 1, Name)).Single(), Does.StartWith("k@1 \"\\\"aaa").And.Not.Contains("(patch)"), "the first value is whole, as a string");
        TrackSigned(late, TrackSignature.Of(Name, ["k"]), ["k@1"], Name);
        TrackSigned(plain, TrackSignature.Of(Name, ["k"]), ["k@1"], Name);

        Values["k"] = $$"""{"key":"k","data":{{after}},"version":2,"prev_data":{{before}}}""";
        await CycleAsync();

        Assert.That((await PushesAsync(link, 1, Name)).Single(), Does.EndWith("(patch)").And.Length.LessThan(80));
        Assert.That((await PushesAsync(late, 1, Name)).Single(), Does.StartWith("k@2 \"\\\"aaa"), "the broker has sent it no value to patch");
        Assert.That(await PushesAsync(plain, 1, Name), Is.EqualTo(new[] { $"k@2 {after}" }));
    }

    [TestCase("""{"channel":"poll:a","key":"k","data":1}""", "107: bad request: channel, key and a version above 0 are needed")]
    [TestCase("""{"channel":"poll:a","data":1,"version":1}""", "107: bad request: channel, key and a version above 0 are needed")]
    [TestCase("""{"key":"k","data":1,"version":1}""", "107: bad request: channel, key and a version above 0 are needed")]
    [TestCase("""{"channel":"poll:a","key":"k","version":1}""", "107: bad request: data, or b64data in base64, is needed")]
    [TestCase("""{"channel":"poll:a","key":"k","b64data":"!","version":1}""", "107: bad request: data, or b64data in base64, is needed")]
    [TestCase("""{"channel":"nowhere:a","key":"k","data":1,"version":1}""", "102: unknown channel")]
    [TestCase("""{"channel":"stream:a","key":"k","data":1,"version":1}""", "107: bad request: the channel is not a shared poll (subscription_type)")]
    [TestCase("""{"channel":"silent:a","key":"k","data":1,"version":1}""", "108: not available: the namespace does not allow it (shared_poll publish_enabled)")]
    public void A_publish_that_cannot_be_carried_out_is_refused(string call, string error) => Assert.That(Call(call) is { } refused ? $"{refused.Code}: {refused.Message}" : "", Is.EqualTo(error));

    [Test]
    public async Task Nothing_else_is_delivered_in_a_channel_of_shared_polls()
    {
        Values["k"] = Value("k", "1", version: 1);
        var link = Subscribe();
        Track(link, "k");
        await PushesAsync(link, 1);

        Rig.Publish(Channel, "5");
        Rig.Get<ChannelHub>().DeliverInterruption(TestChannel.Named(Channel), top: null);

        Assert.That(link.Received(), Is.Empty);
        Publish("k", "2", version: 2);
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@2 2" }));
    }

    private ErrorCode? Publish(string key, string data, ulong version, string epoch = "") =>
        Call($$"""{"channel":"{{Channel}}","key":"{{key}}","data":{{data}},"version":{{version}},"epoch":"{{epoch}}"}""");

    private ErrorCode? Call(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        var calling = Rig.Get<SharedPollMethods>().Publish(JsonFields.OfBody(document))().AsTask();
        Assert.That(calling.IsCompletedSuccessfully, Is.True);
        return calling.Result.Error;
    }
}
